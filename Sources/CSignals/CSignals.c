#include "CSignals.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

// A handler in C: nothing of a language's runtime may run inside a signal.
static volatile sig_atomic_t caught;

static const char *volatile announcement;

static void remember(int number) {
  const char *line = announcement;
  if (!caught && line && write(STDERR_FILENO, line, strlen(line)) < 0) announcement = NULL;
  caught = number;
}

void dbc_announce_stop(const char *line) { announcement = line; }

void dbc_catch_stop_signals(void) {
  struct sigaction action = {0};
  action.sa_handler = remember;
  // System calls that are interrupted start again.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  action.sa_flags |= SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
}

int dbc_stop_signal(void) { return caught; }
