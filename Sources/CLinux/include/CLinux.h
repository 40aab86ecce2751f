/* Calls of Linux that Swift's C library module does not have. */
#ifndef DBC_LINUX_H
#define DBC_LINUX_H
#include <stdint.h>

/* Gives an open file room on the disk for its first so many bytes; 0, or the reason as errno has it. Unlike posix_fallocate it
   never writes to every block. */
int dbc_reserve(int descriptor, int64_t bytes);

/* Lets the system begin to write what it holds of an open file to its disk; where it cannot, nothing happens. */
void dbc_start_sync(int descriptor);

/* Lets the calling thread run on every core that the job has; where it cannot, nothing happens. */
void dbc_leave_bound_cores(void);

/* The cores of this machine that the job has, also where the calling thread is bound to some of them; at least 1. */
int dbc_usable_cores(void);

#endif
