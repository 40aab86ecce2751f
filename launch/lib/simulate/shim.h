/* MPI as SimGrid simulates it, in the place of Sources/COpenMPI/shim.h: the same names. */
#ifndef DBC_OPEN_MPI_SHIM_H
#define DBC_OPEN_MPI_SHIM_H

/* SMPI's error classes are enumerators, of which Swift makes a type of its own: numbers instead. */
#define MPI_SUCCESS SMPI_enum_SUCCESS
#define MPI_ERR_COUNT SMPI_enum_ERR_COUNT
#define MPI_ERR_OTHER SMPI_enum_ERR_OTHER
#include <smpi/smpi.h>
#undef MPI_SUCCESS
#undef MPI_ERR_COUNT
#undef MPI_ERR_OTHER
#undef MPI_THREAD_FUNNELED
#define MPI_THREAD_FUNNELED 0 /* SMPI provides MPI_THREAD_SINGLE */
#define MPI_SUCCESS 0
#define MPI_ERR_COUNT 2
#define MPI_ERR_OTHER 15
#define OMPI_MAJOR_VERSION 0
#define OMPI_MINOR_VERSION 0
#define OMPI_RELEASE_VERSION 0

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

/* All ranks are one thread: another one only goes on where this one lets simulated time pass. The longer it has waited, the more. */
static inline void dbc_wait(int look, int patience, MPI_Comm _Nonnull comm) {
  (void)patience;
  (void)comm;
  smpi_usleep(look < 64 ? 1 : look < 1024 ? 16 : 256);
}

#endif
