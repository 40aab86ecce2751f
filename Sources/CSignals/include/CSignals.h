#ifndef DBC_SIGNALS_H
#define DBC_SIGNALS_H

/// Makes SIGTERM, SIGUSR1 and SIGUSR2 set a flag and do nothing else.
void dbc_catch_stop_signals(void);

/// The last of those signals that came, or 0.
int dbc_stop_signal(void);

/// Leaves a process behind that ends `process` in case it is still there after the grace period: by ending its
/// connections to other hosts, and three seconds later by SIGKILL. May be called from any thread.
void dbc_end_process_later(int process, int grace_milliseconds);

#endif
