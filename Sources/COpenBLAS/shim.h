#ifndef DBC_OPENBLAS_SHIM_H
#define DBC_OPENBLAS_SHIM_H
#include <cblas.h>
#endif
