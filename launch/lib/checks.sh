# Checks that are printed one by one, and a Debian in a folder to make them in; to be sourced.
#   skip REASON…             ends the script, well, with the reason
#   check WHAT COMMAND…      says whether the command succeeds; where it does not, its last words
#   all_hold                 whether all checks did
#   make_root [DIR]          sets root: DIR, or, without it, a new Debian in a temporary folder, by debootstrap; leave_root comes at the end
#   enter_root [FOLDER…]     gives it /proc, /dev, /sys, and folders of this machine
#   leave_root               takes these away, and the root where it is new

failures=0
log=$(mktemp)

skip() { echo "$(basename "$0"): skipped: $*"; exit 0; }

check() {
  if "${@:2}" >"$log" 2>&1; then
    echo "ok      $1"
  else
    echo "FAILED  $1"
    tail -n 20 "$log" | sed 's/^/        /'
    failures=$((failures + 1))
  fi
}

all_hold() { [ "$failures" = 0 ]; }

new_root=no
# What is mounted in it.
points=()

make_root() {
  [ "$(id -u)" = 0 ] || skip "another root needs root"
  root=${1:-}
  trap leave_root EXIT
  trap 'exit 130' INT TERM
  if [ -z "$root" ]; then
    command -v debootstrap >/dev/null || skip "there is no debootstrap"
    root=$(mktemp -d "${TMPDIR:-/tmp}/dbc-root.XXXXXX")
    new_root=yes
    debootstrap --variant=minbase bookworm "$root" >"$log" || { tail -n 20 "$log" >&2; exit 1; }
  fi
  root=$(cd "$root" && pwd)
}

enter_root() {
  local point
  for point in /proc /dev /sys; do
    mount --rbind "$point" "$root$point"
    mount --make-rslave "$root$point"
    points+=("$point")
  done
  for point; do
    mkdir -p "$root$point"
    mount --bind "$point" "$root$point"
    points+=("$point")
  done
}

leave_root() {
  local point
  for point in "${points[@]}"; do if mountpoint -q "$root$point"; then umount -l "$root$point"; fi; done
  if [ $new_root = yes ]; then rm -rf "$root"; fi
  rm -f "$log"
}
