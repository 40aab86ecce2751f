/* Compiled for the baseline CPU, unlike everything else: this code must run where the rest cannot. */
#include "CPUGuard.h"

#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>

static void say(const char *text) {
  ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
  (void)ignored;
}

static void read_cpuid(unsigned leaf, unsigned subleaf, unsigned answer[4]) {
  if (!__get_cpuid_count(leaf, subleaf, &answer[0], &answer[1], &answer[2], &answer[3])) {
    memset(answer, 0, 4 * sizeof answer[0]);
  }
}

struct dbc_cpu dbc_this_cpu(void) {
  struct dbc_cpu cpu = {read_cpuid, 0};
  unsigned answer[4];
  read_cpuid(1, 0, answer);
  /* OSXSAVE: without it XCR0 cannot be read. */
  if (answer[2] & (1u << 27)) {
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    cpu.saved = (unsigned long long)high << 32 | low;
  }
  return cpu;
}

int dbc_cpu_has(const struct dbc_cpu *cpu, const struct dbc_cpu_feature *feature) {
  unsigned answer[4];
  cpu->cpuid(feature->leaf, feature->subleaf, answer);
  return (answer[feature->place] & feature->mask) >= feature->least
         && (cpu->saved & feature->saved) == feature->saved;
}

/* The macro's name without the underscores around it. */
static void say_name(const char *macro) {
  char name[64] = " ";
  size_t length = 1;
  while (*macro == '_') macro++;
  while (*macro && length + 1 < sizeof name) name[length++] = *macro++;
  while (length > 1 && name[length - 1] == '_') length--;
  name[length] = 0;
  say(name);
}

__attribute__((constructor)) static void check_cpu(void) {
  const struct dbc_cpu cpu = dbc_this_cpu();
  const struct dbc_cpu_feature *features = dbc_cpu_features();
  int missing = 0;
  for (size_t i = 0; i < dbc_cpu_feature_count(); i++) {
    if (!features[i].allowed || features[i].only_by_name || dbc_cpu_has(&cpu, &features[i])) continue;
    if (!missing) say("dbc: this binary was compiled for a CPU with features that this one lacks:");
    say_name(features[i].macro);
    missing = 1;
  }
  if (missing) {
    say("\ndbc: compile it for this CPU, for example: DBC_CPU=x86-64-v3 swift build -c release\n");
    _exit(78);
  }
}
#endif
