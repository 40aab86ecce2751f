# Python for the checks against other programs. To be sourced from the top folder.

# use_python NAME MODULES PACKAGE…  Sets python to an interpreter that can import the MODULES (separated by commas): $PYTHON where
# that is given, else one in .build/NAME, into which pip installs the PACKAGEs. Where pip cannot, says so and ends the script without
# a failure. PIP_FIND_LINKS or PIP_EXTRA_INDEX_URL tell pip where to look.
use_python() {
  local folder=".build/$1" modules=$2 log
  shift 2
  python=${PYTHON:-$folder/bin/python}
  if "$python" -c "import $modules" >/dev/null 2>&1; then return 0; fi
  if [ -n "${PYTHON:-}" ]; then
    echo "$PYTHON cannot import all of $modules; install: $*" >&2
    exit 69
  fi
  log=$(mktemp)
  if ! { python3 -m venv "$folder" && "$python" -m pip install --quiet --only-binary :all: "$@"; } >"$log" 2>&1; then
    echo "skipped: ${0##*/}, as pip could not install $*:"
    tail -n 2 "$log"
    rm -f "$log"
    exit 0
  fi
  rm -f "$log"
}
