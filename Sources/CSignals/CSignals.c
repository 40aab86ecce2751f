#include "CSignals.h"

#include <signal.h>
#include <stddef.h>

// A handler in C: nothing of a language's runtime may run inside a signal.
static volatile sig_atomic_t caught;

static void remember(int number) { caught = number; }

void dbc_catch_stop_signals(void) {
  struct sigaction action = {0};
  action.sa_handler = remember;
  // System calls that are interrupted start again.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
}

int dbc_stop_signal(void) { return caught; }
