#include "CPUTarget.h"

#include "CPUFeatures.h"

/* 1 where `macro` is defined as 1, as the compiler does for a feature that it may use; 0 where it is not defined. */
#define DBC_PLACE_1 0,
#define DBC_SECOND(first, second, ...) second
#define DBC_PICK(place) DBC_SECOND(place 1, 0, 0)
#define DBC_JOIN(value) DBC_PICK(DBC_PLACE_##value)
#define DBC_DEFINED(macro) DBC_JOIN(macro)

#define DBC_USED(macro, leaf, subleaf, place, bit, saved) \
  {#macro, leaf, subleaf, place, 1u << bit, 1u << bit, saved, DBC_DEFINED(macro), 0},
#define DBC_NAMED(macro, leaf, subleaf, place, bit, saved) \
  {#macro, leaf, subleaf, place, 1u << bit, 1u << bit, saved, DBC_DEFINED(macro), 1},
#define DBC_LEAST(macro, leaf, subleaf, place, mask, least, saved) \
  {#macro, leaf, subleaf, place, mask, least, saved, DBC_DEFINED(macro), 0},
static const struct dbc_cpu_feature features[] = {DBC_CPU_FEATURES(DBC_USED, DBC_NAMED, DBC_LEAST)};

size_t dbc_cpu_feature_count(void) { return sizeof features / sizeof features[0]; }

const struct dbc_cpu_feature *dbc_cpu_features(void) { return features; }

const char *dbc_vector_instructions(void) {
#if defined(__AVX512F__)
  return "AVX-512";
#elif defined(__AVX2__)
  return "AVX2";
#else
  return "baseline vectors";
#endif
}

#ifndef DBC_COMMIT
#define DBC_COMMIT ""
#endif

const char *dbc_commit(void) { return DBC_COMMIT; }
