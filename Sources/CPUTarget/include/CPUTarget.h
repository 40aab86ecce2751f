/* What the program was compiled for. Swift sees the constants; CPUGuard compares the features with the CPU. */
#ifndef DBC_CPU_TARGET_H
#define DBC_CPU_TARGET_H

#include <stddef.h>

/* Number of registers that can hold 16 floats: it decides the size of the convolution tiles. */
#if defined(__AVX512F__)
#define DBC_LANE_REGISTERS 32
#else
#define DBC_LANE_REGISTERS 8
#endif

/* One CPU feature: how the compiler calls it, and where the CPUID instruction tells of it. */
struct dbc_cpu_feature {
  /* The compiler's macro, which is defined where code may use the feature. */
  const char *macro;
  /* The leaf and subleaf of CPUID, and the register of the answer: 0 eax, 1 ebx, 2 ecx, 3 edx. */
  unsigned leaf, subleaf, place;
  /* The feature is there where the bits of the mask, as a number, are at least this. */
  unsigned mask, least;
  /* The bits of XCR0 that the system sets where it saves the registers that the feature needs; 0 where none. */
  unsigned saved;
  /* 1 where the compiler was allowed to use the feature. */
  int allowed;
  /* 1 where it does so only for source code that names the instructions, which this program's does not. */
  int only_by_name;
};

/* All features of x86-64 that this program's compilers know, of which none is in the first x86-64. */
size_t dbc_cpu_feature_count(void);
const struct dbc_cpu_feature *dbc_cpu_features(void);

/* The vector instructions that were compiled in, in words. */
const char *dbc_vector_instructions(void);

/* The first digits of the commit that was compiled, "+" behind it where files had changed; empty outside git. */
const char *dbc_commit(void);

#endif
