#!/usr/bin/env bash
# What the job scripts have in common; to be sourced after env.sh.
#   run_resumable OPTION…     dbc-train --resume OPTION… on all ranks of the job, to its end whatever signals come; returns its exit code
#   say_how_to_go_on CODE     where that code is of a run that was ended from outside

run_resumable() {
  pid=""
  # mpirun passes SIGUSR1 on to all ranks; SIGTERM would give them a few seconds only. One that comes before mpirun is there is too early.
  trap '[ -z "$pid" ] || kill -USR1 "$pid" 2>/dev/null' USR1 TERM
  # An installed dbc has builds for several kinds of CPU: the best one that every node of the job runs.
  if [ -x .build/release/dbc-cpu ]; then
    DBC_CPU=$(mpirun --map-by ppr:1:node .build/release/dbc-cpu | .build/release/dbc-cpu --all) && export DBC_CPU ||
      unset DBC_CPU
  fi
  # --resume begins the run where there is no checkpoint yet.
  mpirun ${DBC_CPU:+-x DBC_CPU} .build/release/dbc-train --resume "$@" &
  pid=$!
  # A signal ends `wait`, not mpirun; once mpirun has ended, `wait` still knows its code.
  while kill -0 "$pid" 2>/dev/null; do wait "$pid"; done
  wait "$pid"
}

say_how_to_go_on() {
  # 64 to 79 are mistakes and failures that the program has told of, and 75 a stop that it was asked for.
  case "$1" in 0 | 6[4-9] | 7[0-9]) return ;; esac
  echo "the run was ended from outside, or failed: submit the same command again, and it goes on from its newest checkpoint" >&2
}
