#include "CPUTarget.h"

const unsigned dbc_required_features = 0
#ifdef __AVX__
    | DBC_FEATURE_AVX
#endif
#ifdef __AVX2__
    | DBC_FEATURE_AVX2
#endif
#ifdef __FMA__
    | DBC_FEATURE_FMA
#endif
#ifdef __BMI2__
    | DBC_FEATURE_BMI2
#endif
#ifdef __AVX512F__
    | DBC_FEATURE_AVX512F
#endif
#ifdef __AVX512BW__
    | DBC_FEATURE_AVX512BW
#endif
#ifdef __AVX512VL__
    | DBC_FEATURE_AVX512VL
#endif
#ifdef __AVX512DQ__
    | DBC_FEATURE_AVX512DQ
#endif
#ifdef __AVX512VNNI__
    | DBC_FEATURE_AVX512VNNI
#endif
#ifdef __AVX512BF16__
    | DBC_FEATURE_AVX512BF16
#endif
    ;

#ifndef DBC_COMMIT
#define DBC_COMMIT ""
#endif

const char *dbc_commit(void) { return DBC_COMMIT; }
