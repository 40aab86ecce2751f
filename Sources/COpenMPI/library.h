/* The MPI library, and what waiting is beside it. launch/simulate has another such file. */
#ifndef DBC_MPI_LIBRARY_H
#define DBC_MPI_LIBRARY_H

#include <mpi.h>
#include <sched.h>

/* In a loop that waits for a value in memory: for the first looks at once, then others may have the core. MPI promises to send what it
   still has to send only within its calls, and the rank that is waited for may wait for that: so one is made now and then. */
static inline void dbc_wait(int look, int patience, MPI_Comm _Nonnull comm) {
  if (look > patience) {
    int isThere;
    if (look % 64 == 0) MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &isThere, MPI_STATUS_IGNORE);
    sched_yield();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

#endif
