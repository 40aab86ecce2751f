#ifndef DBC_SIGNALS_H
#define DBC_SIGNALS_H

/// Makes SIGTERM, SIGUSR1, SIGUSR2 and the first SIGINT set a flag, and say the line of `dbc_announce_stop`; a second SIGINT ends
/// the program.
void dbc_catch_stop_signals(void);

/// What is written to standard error when the first of those signals comes; NULL: nothing. The text must stay in memory.
void dbc_announce_stop(const char *line);

/// The last of those signals that came, or 0.
int dbc_stop_signal(void);

/// Leaves a process behind that ends `process` in case it is still there after the grace period: by ending its
/// connections to other hosts, and three seconds later by SIGKILL. May be called from any thread.
void dbc_end_process_later(int process, int grace_milliseconds);

#endif
