/* What smpirun starts: the program's own main, -DENTRY=…, with time and exit as the simulation has them. */
#include <smpi/smpi.h>
#include <stdlib.h>
#include <string.h>

extern int ENTRY(int, char **);
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **, int);

void __wrap_exit(int code) {
  smpi_exit(code);
  __builtin_unreachable();
}

/* Seconds of Sources/Basics/Clock.swift. */
double dbc_simulated_seconds(void);
double dbc_simulated_seconds(void) {
  int initialized = 0;
  MPI_Initialized(&initialized);
  if (initialized) return 1 + MPI_Wtime();
  return 1;
}

int main(int argc, char **argv) {
  /* The Swift runtime gives the copies back. */
  char **copy = calloc((size_t)argc + 1, sizeof *copy);
  for (int i = 0; i < argc; i++) copy[i] = strdup(argv[i]);
  _swift_stdlib_overrideUnsafeArgvArgc(copy, argc);
  return ENTRY(argc, argv);
}
