/* Linking this target is all there is to do: a constructor checks the CPU before main. */
#ifndef DBC_CPU_GUARD_H
#define DBC_CPU_GUARD_H
#include "CPUTarget.h"
#endif
