"""Collects runs into Markdown: launch/experiments/summary.py [--curves 0,5,10] RUNS/NAME …

Every directory holds one run per seed, seed-N. Means are followed by standard deviations over the seeds; the second
table lists every seed."""
import argparse
import json
import pathlib
import statistics


def read(directory):
    """The metrics of one run, by row of the tables."""
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    results = {}
    for line in lines:
        if "acc" not in line:
            continue
        stage = line["stage"]
        if stage == "pixel-kmeans":
            results["k-means on pixels"] = line
        elif stage == "kmeans":
            results["FCAE + k-means"] = line
        elif stage == "graph":
            results.setdefault("first graph partition", line)
        elif stage == "dbc":
            results["DBC"] = line
    curve = {line["epoch"]: line["acc"] for line in lines if line["stage"] == "dbc" and "acc" in line}
    smallest = min((line for line in lines if line["stage"] == "dbc"), key=lambda line: -line["epoch"])
    return {
        "results": results,
        "curve": curve,
        "seconds": sum(line.get("elapsed_seconds", 0) for line in lines),
        "smallest": min(smallest["cluster_sizes"]),
        "epochs": smallest["epoch"],
    }


def spread(values):
    mean = statistics.mean(values)
    deviation = statistics.stdev(values) if len(values) > 1 else 0
    return f"{mean:.3f} ± {deviation:.3f}"


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--curves", type=lambda text: [int(part) for part in text.split(",")], default=[])
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    means, seeds, curves = [], [], []
    for experiment in options.runs:
        found = sorted(experiment.glob("seed-*/metrics.jsonl"), key=lambda path: int(path.parent.name[5:]))
        runs = {path.parent.name[5:]: read(path.parent) for path in found}
        if not runs:
            continue
        for method in ["k-means on pixels", "FCAE + k-means", "first graph partition", "DBC"]:
            rows = [run["results"][method] for run in runs.values() if method in run["results"]]
            if rows:
                means.append([experiment.name, method, *(spread([row[key] for row in rows])
                                                         for key in ["acc", "nmi", "ari"]), str(len(rows))])
        for seed, run in runs.items():
            cells = [f"{run['results'][m]['acc']:.4f} / {run['results'][m]['nmi']:.4f}" if m in run["results"] else "–"
                     for m in ["FCAE + k-means", "first graph partition", "DBC"]]
            seeds.append([experiment.name, seed, *cells, str(run["epochs"]), str(run["smallest"]),
                          f"{run['seconds']:.0f}"])
        if options.curves:
            curves.append([experiment.name] + [
                spread([run["curve"].get(epoch, run["curve"][max(run["curve"])]) for run in runs.values()])
                for epoch in options.curves])
    table(["experiment", "method", "ACC", "NMI", "ARI", "seeds"], means)
    table(["experiment", "seed", "FCAE + k-means", "first graph partition", "DBC", "epochs", "smallest cluster",
           "seconds"], seeds)
    if curves:
        print("ACC by chain epoch; a run that has stopped keeps its last value.\n")
        table(["experiment"] + [str(epoch) for epoch in options.curves], curves)


main()
