/* What the program was compiled for. Swift sees the constants; CPUGuard compares the features with the CPU. */
#ifndef DBC_CPU_TARGET_H
#define DBC_CPU_TARGET_H

/* Number of registers that can hold 16 floats: it decides the size of the convolution tiles. */
#if defined(__AVX512F__)
#define DBC_LANE_REGISTERS 32
#else
#define DBC_LANE_REGISTERS 8
#endif

enum {
  DBC_FEATURE_AVX = 1,
  DBC_FEATURE_AVX2 = 2,
  DBC_FEATURE_FMA = 4,
  DBC_FEATURE_BMI2 = 8,
  DBC_FEATURE_AVX512F = 16,
  DBC_FEATURE_AVX512BW = 32,
  DBC_FEATURE_AVX512VL = 64,
  DBC_FEATURE_AVX512DQ = 128,
  DBC_FEATURE_AVX512VNNI = 256,
  DBC_FEATURE_AVX512BF16 = 512,
};

/* The features that the compiler was allowed to use, a sum of the values above. */
extern const unsigned dbc_required_features;

/* The first digits of the commit that was compiled, "+" behind it where files had changed; empty outside git. */
const char *dbc_commit(void);

#endif
