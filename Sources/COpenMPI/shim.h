/* MPI's handles are macros that cast the address of a global; Swift cannot see them, so each is a function. */
#ifndef DBC_OPEN_MPI_SHIM_H
#define DBC_OPEN_MPI_SHIM_H

#include <mpi.h>
#include <sched.h>

static inline MPI_Comm _Nonnull dbc_comm_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Comm _Nonnull dbc_comm_null(void) { return MPI_COMM_NULL; }
static inline MPI_Errhandler _Nonnull dbc_errors_return(void) { return MPI_ERRORS_RETURN; }
static inline MPI_Info _Nonnull dbc_info_null(void) { return MPI_INFO_NULL; }
static inline void *_Nonnull dbc_in_place(void) { return MPI_IN_PLACE; }

static inline MPI_Datatype _Nonnull dbc_uint8(void) { return MPI_UINT8_T; }
static inline MPI_Datatype _Nonnull dbc_int32(void) { return MPI_INT32_T; }
static inline MPI_Datatype _Nonnull dbc_int64(void) { return MPI_INT64_T; }
static inline MPI_Datatype _Nonnull dbc_uint64(void) { return MPI_UINT64_T; }
static inline MPI_Datatype _Nonnull dbc_float(void) { return MPI_FLOAT; }
static inline MPI_Datatype _Nonnull dbc_double(void) { return MPI_DOUBLE; }

static inline MPI_Op _Nonnull dbc_sum(void) { return MPI_SUM; }
static inline MPI_Op _Nonnull dbc_min(void) { return MPI_MIN; }
static inline MPI_Op _Nonnull dbc_max(void) { return MPI_MAX; }

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
