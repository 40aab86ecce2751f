/* Ends with 0 where the CPU runs what the programs beside it were compiled for, and with 78 where it does not: CPUGuard asks
   before `main`. Links nothing else, so that asking costs a millisecond. */
#include "CPUGuard.h"

int main(void) { return 0; }
