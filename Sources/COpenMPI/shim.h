/* MPI's handles are macros that cast the address of a global; Swift cannot see them, so each is a function. */
#ifndef DBC_OPEN_MPI_SHIM_H
#define DBC_OPEN_MPI_SHIM_H

#include "library.h"

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

#endif
