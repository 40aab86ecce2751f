#define _GNU_SOURCE
#include "CSignals.h"

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Waits until the process behind `descriptor` is gone, for `milliseconds` at most; returns whether it is.
static int gone(int descriptor, int milliseconds) {
  struct pollfd ended = {.fd = descriptor, .events = POLLIN};
  return poll(&ended, 1, milliseconds) > 0;
}

// In C: between fork and the end of the child only calls that are safe in a signal handler are allowed.
void dbc_end_process_later(int process, int grace_milliseconds) {
  // A descriptor, not a number: the number may belong to another process by then.
  int descriptor = (int)syscall(SYS_pidfd_open, (pid_t)process, 0);
  if (descriptor < 0) return;
  pid_t child = fork();
  if (child > 0) waitpid(child, NULL, 0);
  if (child != 0) {
    close(descriptor);
    return;
  }
  setsid();
  // A grandchild in a session of its own, so that what ends this process and its group does not end it; and without
  // its files, as the launcher waits until nobody has the program's output open.
  if (fork() != 0) _exit(0);
  struct rlimit limit;
  int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
  for (int file = 0; file < last; file++)
    if (file != descriptor) close(file);
  if (!gone(descriptor, grace_milliseconds)) {
    syscall(SYS_pidfd_send_signal, descriptor, SIGTERM, NULL, 0);
    if (!gone(descriptor, 3000)) syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0);
  }
  _exit(0);
}
