/* Linking this target is all there is to do: a constructor checks the CPU before main. */
#ifndef DBC_CPU_GUARD_H
#define DBC_CPU_GUARD_H
#include "CPUTarget.h"

/* What CPUID answers, and the XCR0 register, which says what the system saves. */
struct dbc_cpu {
  /* The answer's eax, ebx, ecx and edx; zeros where the CPU has no such leaf. */
  void (*cpuid)(unsigned leaf, unsigned subleaf, unsigned answer[4]);
  unsigned long long saved;
};

/* This machine's CPU. */
struct dbc_cpu dbc_this_cpu(void);

/* Whether `cpu`, and its system, have a feature. */
int dbc_cpu_has(const struct dbc_cpu *cpu, const struct dbc_cpu_feature *feature);
#endif
