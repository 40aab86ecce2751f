#ifndef DBC_OPENBLAS_SHIM_H
#define DBC_OPENBLAS_SHIM_H
#include <cblas.h>
#include <stddef.h>

/* LAPACK's routine of divide and conquer for all eigenvalues and eigenvectors of a symmetric matrix.

   Fortran passes the lengths of the texts behind the other arguments, unseen: GNU's compiler as size_t since its version
   8. Where they are int, in a register or on the stack, a size_t of 1 reads the same on a little-endian machine. */
void dsyevd_(
    const char *job, const char *triangle, const int *n, double *matrix, const int *stride, double *values,
    double *work, const int *workCount, int *integers, const int *integerCount, int *status, size_t jobLength,
    size_t triangleLength);
#endif
