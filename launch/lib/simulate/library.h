/* MPI as SimGrid simulates it, in the place of Sources/COpenMPI/library.h. */
#ifndef DBC_MPI_LIBRARY_H
#define DBC_MPI_LIBRARY_H

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

/* All ranks are one thread: another one only goes on where this one lets simulated time pass. The longer it has waited, the more. */
static inline void dbc_wait(int look, int patience, MPI_Comm _Nonnull comm) {
  (void)patience;
  (void)comm;
  smpi_usleep(look < 64 ? 1 : look < 1024 ? 16 : 256);
}

#endif
