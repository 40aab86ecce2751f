# To be sourced by the experiments:  . launch/experiments/run.sh
# Builds dbc-train and dbc-report, and defines `run` and `reports`. RANKS (2), SEEDS ("0 1 2 3 4"), RUNS (runs/experiments) and DATA (data) may be set;
# DATA holds mnist/ with the four original files and coil-20/ with the 1440 images obj<N>__<view>.png.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. launch/env.sh
RANKS=${RANKS:-2}
SEEDS=${SEEDS:-0 1 2 3 4}
RUNS=${RUNS:-runs/experiments}
DATA=${DATA:-data}
swift build -c release --product dbc-train >&2
swift build -c release --product dbc-report >&2

# idx NAME PREFIX…: sets the array NAME to the options of sets in IDX files, all of the same ten classes.
idx() {
  local -n options=$1
  options=(--clusters 10)
  local prefix
  for prefix in "${@:2}"; do
    options+=(--images "$prefix-images-idx3-ubyte.gz" --labels "$prefix-labels-idx1-ubyte.gz")
  done
}

mnist_default=()
idx mnist_default "$DATA/mnist/train" "$DATA/mnist/t10k"
mnist=("${mnist_default[@]}" --architecture mnist)
coil20=(--images "$DATA/coil-20" --label-pattern 'obj([0-9]+)__' --architecture coil --clusters 20)

# run NAME OPTION…: one run per seed into $RUNS/NAME/seed-N; those that are finished are kept.
run() {
  local name=$1
  shift
  for seed in $SEEDS; do
    local output=$RUNS/$name/seed-$seed
    if [ -f "$output/assignments.csv" ]; then continue; fi
    echo "== $name, seed $seed"
    mkdir -p "$RUNS/$name"
    if ! mpirun -np "$RANKS" .build/release/dbc-train "$@" --seed "$seed" --output "$output" --overwrite \
      2>"$output.log" | grep -E '^(FCAE|graph|DBC|k-means)|in all'; then
      cat "$output.log" >&2
      exit 1
    fi
  done
}

# reports NAME…: makes the report.html of those runs that have none, and says where all are.
reports() {
  local name seed output
  for name in "$@"; do
    for seed in $SEEDS; do
      output=$RUNS/$name/seed-$seed
      if [ ! -f "$output/report.html" ]; then .build/release/dbc-report "$output" >&2; fi
      echo "report: $output/report.html"
    done
  done
}
