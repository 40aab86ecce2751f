"""Collects runs into Markdown: launch/experiments/summary.py [--curves 0,5,10 [--scores] [--figure-9 FILE]] RUNS/NAME …

Every directory holds one run per seed, seed-N. Means are followed by standard deviations over the seeds; the second
table lists every seed, two more ACC and NMI over the chain's epochs, with --scores another one the mean largest score, with
--figure-9 beside the paper's curves, drawn to FILE."""
import argparse
import json
import pathlib
import statistics

import figure_9

# As the program's closing table calls them.
UNREFINED, REFINED = "FCAE + k-means", "k-means of refined features"


def read(directory):
    """The metrics of one run, by row of the tables."""
    lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
    results = {}
    refined = any(line["stage"] == "refine" for line in lines)
    for line in lines:
        if "acc" not in line:
            continue
        stage = line["stage"]
        if stage == "pixel-kmeans":
            results["k-means on pixels"] = line
        elif stage == "kmeans":
            # Older runs do not tell refined features from others, nor which network a line belongs to.
            results[REFINED if refined and "member" not in line else UNREFINED] = line
        elif stage == "refined-kmeans":
            results[REFINED] = line
        elif stage == "graph":
            results.setdefault("first graph partition", line)
            results["last graph partition"] = line
        elif stage == "dbc":
            results["DBC"] = line
    curve = {line["epoch"]: (line["acc"], line["nmi"], line["mean_max_score"])
             for line in lines if line["stage"] == "dbc" and "acc" in line}
    smallest = min((line for line in lines if line["stage"] == "dbc"), key=lambda line: -line["epoch"])
    return {
        "results": results,
        "curve": curve,
        "seconds": sum(line.get("elapsed_seconds", 0) for line in lines),
        "smallest": min(smallest["cluster_sizes"]),
        "epochs": smallest["epoch"],
    }


def spread(values):
    mean = f"{statistics.mean(values):.3f}"
    return f"{mean} ± {statistics.stdev(values):.3f}" if len(values) > 1 else mean


def table(header, rows):
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def curves(experiments, measure):
    """By experiment and epoch the values of all seeds: 0 for ACC, 1 for NMI, 2 for the mean largest score. A run that has
    stopped keeps its last."""
    return {name: {epoch: [run["curve"][min(epoch, max(run["curve"]))][measure] for run in runs.values()]
                   for epoch in range(max(max(run["curve"]) for run in runs.values()) + 1)}
            for name, runs in experiments.items()}


def curve_table(found, epochs, measure, with_paper):
    rows = []
    for name, values in found.items():
        rows.append([name, *(spread(values[min(epoch, max(values))]) for epoch in epochs)])
        if with_paper and name in figure_9.PAPER:
            paper = figure_9.PAPER[name][measure]
            cells = [paper.get(min(epoch, max(paper))) for epoch in epochs]
            rows.append(["– the paper's", *("" if value is None else f"{value:.3f}" for value in cells)])
    print(f"{['ACC', 'NMI', 'Mean largest score'][measure]} by chain epoch; a run that has stopped keeps its last value.\n")
    table(["experiment"] + [str(epoch) for epoch in epochs], rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--curves", type=lambda text: [int(part) for part in text.split(",")], default=[])
    parser.add_argument("--scores", action="store_true")
    parser.add_argument("--figure-9", type=pathlib.Path)
    parser.add_argument("runs", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if options.scores and not options.curves:
        parser.error("--scores adds a table to those of --curves")
    means, seeds, experiments = [], [], {}
    for experiment in options.runs:
        paths = sorted(experiment.glob("seed-*/metrics.jsonl"), key=lambda path: int(path.parent.name[5:]))
        # A run that has not ended has no assignments.
        runs = {path.parent.name[5:]: read(path.parent) for path in paths
                if (path.parent / "assignments.csv").exists()}
        if not runs:
            continue
        experiments[experiment.name] = runs
        for method in ["k-means on pixels", UNREFINED, REFINED, "first graph partition", "last graph partition", "DBC"]:
            rows = [run["results"][method] for run in runs.values() if method in run["results"]]
            if rows:
                # Runs of older versions have not written down the second NMI.
                means.append([experiment.name, method,
                              *(spread([row[key] for row in rows]) if all(key in row for row in rows) else "–"
                                for key in ["acc", "nmi", "nmi_mean", "ari"]), str(len(rows))])
        for seed, run in runs.items():
            cells = [f"{run['results'][m]['acc']:.4f} / {run['results'][m]['nmi']:.4f}" if m in run["results"] else "–"
                     for m in [UNREFINED, REFINED, "first graph partition", "DBC"]]
            seeds.append([experiment.name, seed, *cells, str(run["epochs"]), str(run["smallest"]),
                          f"{run['seconds']:.0f}"])
    if not experiments:
        parser.error(f"no finished run in {', '.join(map(str, options.runs))}")
    table(["experiment", "method", "ACC", "NMI(max)", "NMI(mean)", "ARI", "seeds"], means)
    table(["experiment", "seed", UNREFINED, REFINED, "first graph partition", "DBC", "epochs", "smallest cluster",
           "seconds"], seeds)
    found = [curves(experiments, measure) for measure in range(3)]
    if options.curves:
        for measure in range(3 if options.scores else 2):
            curve_table(found[measure], options.curves, measure, options.figure_9 is not None and measure < 2)
    if options.figure_9:
        pictured = {
            name: [[(epoch, statistics.mean(values)) for epoch, values in by_name[name].items()] for by_name in found[:2]]
            for name in experiments}
        options.figure_9.write_text(figure_9.draw(pictured, max(len(runs) for runs in experiments.values())))
        print(f"Drawn: {options.figure_9}")


main()
