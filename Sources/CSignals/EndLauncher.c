#define _GNU_SOURCE
#include "CSignals.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// Waits until the process behind `descriptor` is gone, for `milliseconds` at most; returns whether it is.
static int gone(int descriptor, int milliseconds) {
  struct pollfd ended = {.fd = descriptor, .events = POLLIN};
  return poll(&ended, 1, milliseconds) > 0;
}

static int is_remote(int socket) {
  struct sockaddr_storage peer;
  socklen_t length = sizeof peer;
  if (getpeername(socket, (struct sockaddr *)&peer, &length) != 0) return 0;
  if (peer.ss_family == AF_INET)
    return ntohl(((struct sockaddr_in *)&peer)->sin_addr.s_addr) >> 24 != 127;
  return peer.ss_family == AF_INET6 && !IN6_IS_ADDR_LOOPBACK(&((struct sockaddr_in6 *)&peer)->sin6_addr);
}

// Ends the TCP connections to other hosts of the process behind `descriptor`, as far as the system lets us. A launcher
// that waits for the daemon behind a dead link learns so that it is lost, and ends with the code of the first rank
// that failed.
static void cut_connections(int descriptor) {
  for (int file = 0; file < 1024; file++) {
    int copy = (int)syscall(SYS_pidfd_getfd, descriptor, file, 0);
    if (copy < 0 && errno == EBADF) continue;
    if (copy < 0) return;
    if (is_remote(copy)) shutdown(copy, SHUT_RDWR);
    close(copy);
  }
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
  prctl(PR_SET_NAME, "dbc-end-job");
  if (!gone(descriptor, grace_milliseconds)) {
    cut_connections(descriptor);
    // No SIGTERM: an mpirun that is ending a job already crashes on it.
    if (!gone(descriptor, 3000)) syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0);
  }
  _exit(0);
}
