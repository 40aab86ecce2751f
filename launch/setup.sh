# What launch/quickstart and launch/test share: packages and the build. To be sourced from the top folder.

packages="libopenmpi-dev openmpi-bin libopenblas-dev zlib1g-dev libpng-dev libjpeg-dev libwebp-dev libtiff-dev libgif-dev"
packages="$packages libhdf5-dev libarchive-dev pkg-config"

# Stops with directions where there is no Swift 6.2 or later.
require_swift() {
  local version=""
  if command -v swift >/dev/null 2>&1; then
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1) || true
  fi
  case "$version" in
    6.[2-9] | 6.[1-9][0-9] | [7-9].* | [1-9][0-9].*) return 0 ;;
  esac
  cat >&2 <<EOF
dbc needs Swift 6.2 or later; found ${version:-none}.
Get it from https://www.swift.org/install/linux/ (the "swiftly" installer, or a tarball for this system),
put its usr/bin folder on PATH and start this script again.
EOF
  exit 69
}

# Installs the Debian packages that are missing, with sudo where needed.
install_packages() {
  local missing="" package
  if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not a Debian or Ubuntu system; make sure that these are installed: $packages" >&2
    return 0
  fi
  for package in $packages; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "Installing$missing"
  local sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
