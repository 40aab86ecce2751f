#ifndef DBC_ZLIB_SHIM_H
#define DBC_ZLIB_SHIM_H
#include <zlib.h>
#endif
