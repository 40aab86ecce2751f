#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

int dbc_reserve(int descriptor, int64_t bytes) {
  if (bytes == 0) return 0;
  int code;
  do code = fallocate(descriptor, 0, 0, bytes);
  while (code != 0 && errno == EINTR);
  return code == 0 ? 0 : errno;
}

void dbc_start_sync(int descriptor) { sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE); }

void dbc_leave_bound_cores(void) {
  /* The system leaves out the cores that the job has not. */
  cpu_set_t cores;
  memset(&cores, 0xff, sizeof cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

int dbc_usable_cores(void) {
  cpu_set_t own, all;
  if (sched_getaffinity(0, sizeof own, &own) != 0) return 1;
  dbc_leave_bound_cores();
  int cores = sched_getaffinity(0, sizeof all, &all) == 0 ? CPU_COUNT(&all) : 1;
  sched_setaffinity(0, sizeof own, &own);
  return cores;
}
