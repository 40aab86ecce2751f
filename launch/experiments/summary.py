"""Collects runs into Markdown: launch/experiments/summary.py [--curves 0,5,10 [--figure-9]] RUNS/NAME …

Every directory holds one run per seed, seed-N. Means are followed by standard deviations over the seeds; the second
table lists every seed, a third one the curves over the chain's epochs, with --figure-9 beside the paper's."""
import argparse
import json
import pathlib
import statistics

# ACC at the epochs 0, 5, 10, 20 and the last one, and NMI at the last, read from the paper's Figure 9 (arXiv:1703.07980).
FIGURE_9 = {
    "boost-2": [.797, .885, .931, .954, .964, .917],
    "boost-1.5": [.795, .830, .867, .890, .897, .835],
    "boost-4": [.793, .898, .906, .911, .915, .865],
    "normalization-none": [.794, .879, .898, .901, .902, .865],
    "normalization-dec": [.793, .878, .913, .923, .930, .889],
    "fcae-half-trained": [.764, .831, .854, .866, .871, .832],
    "fcae-random": [.616, .705, .722, .731, .741, .752],
}


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
            results["last graph partition"] = line
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
    parser.add_argument("--figure-9", action="store_true")
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    means, seeds, curves = [], [], []
    for experiment in options.runs:
        found = sorted(experiment.glob("seed-*/metrics.jsonl"), key=lambda path: int(path.parent.name[5:]))
        # A run that has not ended has no assignments.
        runs = {path.parent.name[5:]: read(path.parent) for path in found
                if (path.parent / "assignments.csv").exists()}
        if not runs:
            continue
        for method in ["k-means on pixels", "FCAE + k-means", "first graph partition", "last graph partition", "DBC"]:
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
                for epoch in options.curves]
                + [spread([run["results"]["DBC"]["nmi"] for run in runs.values()])])
            if options.figure_9 and experiment.name in FIGURE_9:
                curves.append(["– the paper's"] + [f"{value:.3f}" for value in FIGURE_9[experiment.name]])
    table(["experiment", "method", "ACC", "NMI", "ARI", "seeds"], means)
    table(["experiment", "seed", "FCAE + k-means", "first graph partition", "DBC", "epochs", "smallest cluster",
           "seconds"], seeds)
    if curves:
        print("ACC by chain epoch (a run that has stopped keeps its last value), and the last NMI.\n")
        table(["experiment"] + [str(epoch) for epoch in options.curves] + ["NMI"], curves)


main()
