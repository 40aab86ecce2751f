# Settings for running dbc under Open MPI; to be sourced:  . launch/env.sh
# Every setting keeps a value that is already in the environment.

# mpirun refuses to work for root, which is what one is in most containers.
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# More ranks than cores are allowed; waiting ranks then give way to working ones.
export OMPI_MCA_rmaps_base_oversubscribe="${OMPI_MCA_rmaps_base_oversubscribe:-1}"

# A bridge that has the same address on every host, such as Docker's, has MPI wait without end when it connects hosts. Where this
# host has one and nothing else says which interfaces to use, such bridges are left out. To name interfaces yourself, set
# OMPI_MCA_btl_tcp_if_include before: Open MPI takes one of the two only.
if [ -z "${OMPI_MCA_btl_tcp_if_include:-}${OMPI_MCA_btl_tcp_if_exclude:-}" ] \
  && ! grep -qs '^ *btl_tcp_if_' "${HOME:-}/.openmpi/mca-params.conf" /etc/openmpi/openmpi-mca-params.conf; then
  for bridge in docker0 virbr0 lxcbr0 lxdbr0 podman0 cni-podman0; do
    if [ -e "/sys/class/net/$bridge" ]; then
      export OMPI_MCA_btl_tcp_if_exclude=127.0.0.1/8,docker0,virbr0,lxcbr0,lxdbr0,podman0,cni-podman0
    fi
  done
fi

# Without ssh there is this host only. Open MPI would refuse to start at all.
if ! command -v ssh >/dev/null && ! command -v rsh >/dev/null; then
  export OMPI_MCA_plm_rsh_agent="${OMPI_MCA_plm_rsh_agent:-false}"
fi

# mpirun's event loop asks with poll: with epoll, a rank that ends at the wrong moment has it print a line that begins
# with "[warn] Epoll" and means nothing.
export EVENT_NOEPOLL="${EVENT_NOEPOLL:-1}"

# SIGTERM to mpirun reaches the ranks, which stop with a checkpoint; Open MPI kills them after this many seconds. It
# also waits twice as long before it gives up a job that ends with any failure, so more is not better. Batch scripts
# had rather send SIGUSR1 to mpirun, which is passed on without a limit.
export OMPI_MCA_odls_base_sigkill_timeout="${OMPI_MCA_odls_base_sigkill_timeout:-3}"
