# Settings for running dbc under Open MPI; to be sourced:  . launch/env.sh
# Every setting keeps a value that is already in the environment.

# mpirun refuses to work for root, which is what one is in most containers.
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# More ranks than cores are allowed; waiting ranks then give way to working ones.
export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe:-1}"

# mpirun's event loop asks with poll: with epoll, a rank that ends at the wrong moment has it print a line that begins
# with "[warn] Epoll" and means nothing.
export EVENT_NOEPOLL="${EVENT_NOEPOLL:-1}"

# SIGTERM to mpirun reaches the ranks, which stop with a checkpoint; Open MPI kills them after this many seconds. It
# also waits twice as long before it gives up a job that ends with any failure, so more is not better. Batch scripts
# had rather send SIGUSR1 to mpirun, which is passed on without a limit.
export OMPI_MCA_odls_base_sigkill_timeout="${OMPI_MCA_odls_base_sigkill_timeout:-3}"
