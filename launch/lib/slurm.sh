# A real Slurm of one machine, for checks; to be sourced. The caller defines `skip REASON…`, which ends the check.
#   require_slurm [install]     ends the check where there is none, or installs Debian's
#   start_slurm FOLDER          starts it with a configuration of its own in FOLDER, and sets SLURM_CONF
#   stop_slurm                  ends its jobs and daemons, and removes FOLDER

daemons=()

require_slurm() {
  # slurmd starts jobs under their users' names, and needs root for that.
  [ "$(id -u)" = 0 ] || skip "Slurm's daemons need root"
  # Daemons of Debian are outside of most users' PATH.
  PATH=$PATH:/usr/sbin
  missing() { [ "$(command -v munged slurmctld slurmd | wc -l)" != 3 ]; }
  if missing && [ "${1:-}" = install ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null
  fi
  if missing; then skip "there is no Slurm here; --install installs slurm-wlm and munge"; fi
}

stop_slurm() { # everything that was started here, the jobs first
  trap '' INT TERM
  if [ ${#daemons[@]} -gt 1 ]; then
    # shellcheck disable=SC2046
    scancel $(squeue -h -o %A 2>/dev/null) 2>/dev/null
    for _ in {1..80}; do
      [ -n "$(squeue -h 2>/dev/null)" ] || break
      sleep 0.5
    done
  fi
  local index
  for ((index = ${#daemons[@]} - 1; index >= 0; index--)); do
    kill "${daemons[index]}" 2>/dev/null
    wait "${daemons[index]}" 2>/dev/null
  done
  rm -rf "$folder"
}

start_daemon() { # name program arguments…: a daemon in the foreground, so that its process is known
  local name=$1
  shift
  "$@" >"$folder/$name.log" 2>&1 &
  daemons+=($!)
}

start_slurm() {
  folder=$1
  # munged wants its socket to be in reach of everybody.
  chmod 755 "$folder"
  local host port
  host=$(hostname -s)
  export SLURM_CONF=$folder/slurm.conf

  # Two nodes of one machine. The first has the machine's name: mpirun starts its ranks itself. The second has another:
  # mpirun takes it for another machine, and starts its daemon there by srun, as on a cluster.
  # A job that is queued again has to wait for `cred_expire`, and the scheduler looks for such jobs every `bf_interval`.
  port=$((20000 + RANDOM % 10000))
  cat >"$SLURM_CONF" <<CONFIGURATION
ClusterName=check
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
SlurmctldPort=$port
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=bf_interval=5
SlurmdParameters=config_overrides
JobCompType=jobcomp/filetxt
JobCompLoc=$folder/jobs.txt
MpiDefault=none
ReturnToService=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
OverTimeLimit=0
KillWait=30
NodeName=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2
NodeName=other NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2
PartitionName=low Nodes=ALL Default=YES PriorityTier=1
PartitionName=graceful Nodes=ALL PriorityTier=1 GraceTime=20
PartitionName=high Nodes=ALL PriorityTier=2 PreemptMode=OFF
CONFIGURATION
  mkdir "$folder/state" "$folder/spool-$host" "$folder/spool-other"
  (umask 077 && head -c 128 /dev/urandom >"$folder/munge.key")

  start_daemon munged munged --foreground --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" \
    --pid-file="$folder/munged.pid" --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
  sleep 1
  start_daemon slurmctld slurmctld -D
  start_daemon slurmd slurmd -D -N "$host"
  start_daemon slurmd-other slurmd -D -N other
  for _ in {1..60}; do
    [ "$(sinfo -h -p low -t idle -o %D 2>/dev/null)" = 2 ] && break
    sleep 0.5
  done
  if [ "$(sinfo -h -p low -t idle -o %D 2>/dev/null)" != 2 ]; then
    tail -n 3 "$folder"/*.log
    skip "Slurm does not start"
  fi
}
