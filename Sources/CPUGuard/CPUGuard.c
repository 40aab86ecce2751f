/* Compiled for the baseline CPU, unlike everything else: this code must run where the rest cannot. */
#include "CPUGuard.h"

#include <string.h>
#include <unistd.h>

static void say(const char *text) {
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

#if defined(__x86_64__)
__attribute__((constructor)) static void check_cpu(void) {
  __builtin_cpu_init();
  const struct {
    unsigned feature;
    int present;
    const char *name;
  } rows[] = {
      {DBC_FEATURE_AVX, __builtin_cpu_supports("avx"), " avx"},
      {DBC_FEATURE_AVX2, __builtin_cpu_supports("avx2"), " avx2"},
      {DBC_FEATURE_FMA, __builtin_cpu_supports("fma"), " fma"},
      {DBC_FEATURE_BMI2, __builtin_cpu_supports("bmi2"), " bmi2"},
      {DBC_FEATURE_AVX512F, __builtin_cpu_supports("avx512f"), " avx512f"},
      {DBC_FEATURE_AVX512BW, __builtin_cpu_supports("avx512bw"), " avx512bw"},
      {DBC_FEATURE_AVX512VL, __builtin_cpu_supports("avx512vl"), " avx512vl"},
      {DBC_FEATURE_AVX512DQ, __builtin_cpu_supports("avx512dq"), " avx512dq"},
      {DBC_FEATURE_AVX512VNNI, __builtin_cpu_supports("avx512vnni"), " avx512vnni"},
      {DBC_FEATURE_AVX512BF16, __builtin_cpu_supports("avx512bf16"), " avx512bf16"},
  };
  int missing = 0;
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    if ((dbc_required_features & rows[i].feature) && !rows[i].present) {
      if (!missing) say("dbc: this binary was compiled for a CPU with features that this one lacks:");
      say(rows[i].name);
      missing = 1;
    }
  }
  if (missing) {
    say("\ndbc: compile it for this CPU, for example: DBC_CPU=x86-64-v3 swift build -c release\n");
    _exit(78);
  }
}
#else
__attribute__((unused)) static void (*const unused_say)(const char *) = say;
#endif
