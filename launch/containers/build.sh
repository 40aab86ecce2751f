#!/usr/bin/env bash
# What both container recipes do, in Debian or Ubuntu with Swift, in dbc's folder: installs dbc to /opt/dbc, and writes the packages
# that it needs when it runs to /opt/dbc/packages.
set -euo pipefail
. launch/setup.sh
require_swift
install_packages
launch/install --prefix /opt/dbc
ldd /opt/dbc/lib/dbc/*/dbc-* | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | while IFS= read -r library; do
  # Packages list libraries under /lib or /usr/lib, which are one folder; OpenBLAS is one of several alternatives.
  dpkg-query -S "$library" 2>/dev/null || dpkg-query -S "/usr$library" 2>/dev/null || dpkg-query -S "$(readlink -f "$library")"
done | cut -d : -f 1 | sort -u >/opt/dbc/packages
echo openmpi-bin >>/opt/dbc/packages
