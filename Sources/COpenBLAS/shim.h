#ifndef DBC_OPENBLAS_SHIM_H
#define DBC_OPENBLAS_SHIM_H
#include <cblas.h>

/* LAPACK's routine of divide and conquer for all eigenvalues and eigenvectors of a symmetric matrix. */
void dsyevd_(
    const char *job, const char *triangle, const int *n, double *matrix, const int *stride, double *values,
    double *work, const int *workCount, int *integers, const int *integerCount, int *status);
#endif
