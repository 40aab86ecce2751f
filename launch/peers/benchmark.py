"""dbc beside PyTorch and scikit-learn, in turn on the same cores; started by launch/peer-benchmark.

Every comparison starts the peer once and lets it warm up. Then peer, dbc, peer, dbc, … are measured in turn; while one
is measured, the other waits without using its core. A ratio belongs to one such pair.
"""
import argparse
import json
import os
import pathlib
import platform
import socket
import statistics
import subprocess
import sys
import tempfile

import numpy

HERE = pathlib.Path(__file__).resolve().parent
BATCH_SIZES = {"mnist": 256, "usps": 256, "coil-20": 32, "coil-100": 32}
KMEANS = {"rows": 70000, "features": 120, "clusters": 10, "restarts": 20}


def pinned(core, command):
    return ["taskset", "-c", str(core), *command]


class Peer:
    """Processes of a peer, one per core, that measure when they are told to."""

    def __init__(self, command, cores):
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        environment.pop("OPENBLAS_CORETYPE", None)
        if len(cores) > 1:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            environment.update(WORLD_SIZE=str(len(cores)), MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        self.processes = [
            subprocess.Popen(pinned(core, [sys.executable, *command]), stdin=subprocess.PIPE, text=True,
                             stdout=subprocess.PIPE if rank == 0 else None, env={**environment, "RANK": str(rank)})
            for rank, core in enumerate(cores)]
        self.facts = self.answer()

    def answer(self):
        line = self.processes[0].stdout.readline()
        if not line:
            self.close()
            sys.exit("launch/peer-benchmark: the peer ended early")
        return json.loads(line)

    def measure(self):
        for process in self.processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return self.answer()

    def close(self):
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait()


def run_bench(program, cores, arguments):
    """The one JSON line that dbc-bench prints, a rank per core."""
    one = [program, *arguments, "--repeat", "1", "--format", "json"]
    command = pinned(cores[0], one)
    if len(cores) > 1:
        command = ["mpirun", "--quiet", "--bind-to", "none"]
        for core in cores:
            command += ["-np", "1", *pinned(core, one), ":"]
        command.pop()
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        sys.exit(f"launch/peer-benchmark: dbc-bench {' '.join(arguments)} ended with exit code {result.returncode}")
    return json.loads(result.stdout)


def compare(title, options, peer_command, cores, bench_arguments, measure, larger_is_better):
    """Pairs of measurements: the values of both, and per pair how many times faster dbc is."""
    print(f"{title} …", end="", file=sys.stderr, flush=True)
    peer = Peer(peer_command, cores)
    theirs, ours, ratios = [], [], []
    extra = {}
    for _ in range(options.repeat):
        answer, line = peer.measure(), run_bench(options.bench, cores, bench_arguments)
        theirs.append(answer[measure[0]])
        ours.append(line[measure[1]])
        ratios.append(ours[-1] / theirs[-1] if larger_is_better else theirs[-1] / ours[-1])
        extra = {"percent_of_peak": line.get("percent_of_peak"), "dbc": line["version"]}
        if "inertia" in line:
            extra.update(peer_inertia=answer["inertia"], dbc_inertia=line["inertia"])
    peer.close()
    print(f" {statistics.median(ratios):.2f} ×", file=sys.stderr)
    unit = "images/s" if larger_is_better else "s"
    facts = {key: value for key, value in peer.facts.items() if key != "ready"}
    return {"what": title, "cores": len(cores), "unit": unit, "peer": theirs, "dbc_values": ours, "ratio": ratios,
            **facts, **extra}


def compare_network(name, options):
    """Training step, encoder, and the step in two processes."""
    batch = BATCH_SIZES[name]
    seconds = 0.4 if options.quick else 1.5
    steps = {256: 160, 32: 16}[batch]
    rate = ("images_per_s", "images_per_s")

    def command(work):
        return [str(HERE / "fcae_torch.py"), "--network", name, "--work", work, "--batch-size", str(batch), "--seconds",
                str(seconds)]

    for processes in (1, 2):
        cores = options.cores[:processes]
        if len(cores) < processes:
            print(f"{name}: one core only, no comparison of two processes", file=sys.stderr)
            break
        arguments = ["step", "--architecture", name, "--stage", "fcae", "--optimizer", "sgd", "--batch-size",
                     str(batch * processes), "--steps", str(steps // 4 if options.quick else steps)]
        title = f"{name} step" if processes == 1 else f"{name} step, 2 processes"
        yield compare(title, options, command("step"), cores, arguments, rate, True)
    yield compare(f"{name} encode", options, command("encode"), options.cores[:1],
                  ["encode", "--architecture", name], rate, True)


def write_features(path, rows, features, clusters):
    """Overlapping blobs without negative numbers, as features behind a ReLU are."""
    random = numpy.random.default_rng(0)
    places = random.uniform(0, 0.5, (clusters, features))
    points = places[numpy.arange(rows) % clusters] + random.normal(0, 0.5, (rows, features))
    numpy.save(path, numpy.maximum(points, 0).astype(numpy.float32))


def compare_kmeans(options):
    rows = KMEANS["rows"] // (10 if options.quick else 1)
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/features.npy"
        write_features(file, rows, KMEANS["features"], KMEANS["clusters"])
        arguments = ["--file", file, "--clusters", str(KMEANS["clusters"]), "--restarts", str(KMEANS["restarts"])]
        title = f"k-means {rows} × {KMEANS['features']}, K = {KMEANS['clusters']}, {KMEANS['restarts']} restarts"
        yield compare(title, options, [str(HERE / "kmeans_sklearn.py"), *arguments], options.cores[:1],
                      ["kmeans", *arguments], ("seconds", "time_s"), False)


def spread(values, digits):
    return [f"{number:.{digits}f}" for number in (min(values), statistics.median(values), max(values))]


def print_table(results):
    titles = ["what", "unit", "min", "peer", "max", "min", "dbc", "max", "min", "ratio", "max", "% of peak", "peer is"]
    cells = []
    for result in results:
        digits = 2 if result["unit"] == "s" else 0
        peak = result["percent_of_peak"]
        layout = f", {result['layout']}" if "layout" in result else ""
        cells.append([result["what"], result["unit"], *spread(result["peer"], digits),
                      *spread(result["dbc_values"], digits), *spread(result["ratio"], 2),
                      "–" if peak is None else f"{peak:.0f}", result["program"] + layout])
    widths = [max(len(line[column]) for line in [titles] + cells) for column in range(len(titles))]
    for line in [titles, ["─" * width for width in widths]] + cells:
        print("  ".join(text.ljust(width) if column in (0, 1, 12) else text.rjust(width)
                        for column, (text, width) in enumerate(zip(line, widths))).rstrip())


def parse_options():
    parser = argparse.ArgumentParser(
        prog="launch/peer-benchmark",
        description="Training step and encoder of the paper's networks against PyTorch on one core, the step against "
        "DistributedDataParallel on two, k-means against scikit-learn; ratios above 1 mean that dbc is faster.")
    parser.add_argument("bench", help=argparse.SUPPRESS)
    parser.add_argument("--only", choices=[*BATCH_SIZES, "kmeans"], action="append", metavar="NAME",
                        help=f"{', '.join(BATCH_SIZES)} or kmeans; may be given several times (default: all)")
    parser.add_argument("--repeat", type=int, default=5, metavar="TIMES", help="pairs of measurements (default: 5)")
    parser.add_argument("--quick", action="store_true", help="short measurements, only to see that it works")
    parser.add_argument("--cores", type=lambda text: [int(part) for part in text.split(",")], metavar="A,B",
                        help="cores to run on (default: the first two that this process may use)")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/peer-benchmark.json"),
                        metavar="FILE", help="the results as JSON (default: runs/peer-benchmark.json)")
    options = parser.parse_args()
    if options.repeat < 1:
        parser.error("--repeat must be at least 1")
    if options.cores is None:
        options.cores = sorted(os.sched_getaffinity(0))[:2]
    return options


def cpu_model():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "unknown")


def main():
    options = parse_options()
    results = []
    for name in options.only or [*BATCH_SIZES, "kmeans"]:
        results += compare_kmeans(options) if name == "kmeans" else compare_network(name, options)
    facts = {"host": platform.node(), "cpu": cpu_model(), "cores": options.cores, "repeat": options.repeat,
             "quick": options.quick}
    print(f"{facts['cpu']}, cores {options.cores}, {options.repeat} pairs of measurements, dbc {results[0]['dbc']}\n")
    print_table(results)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps({**facts, "results": results}, indent=2) + "\n")
    print(f"\nWritten: {options.output}")


if __name__ == "__main__":
    main()
