#!/usr/bin/env python3
"""Compares the curves that dbc-train writes for TensorBoard, as TensorBoard reads them, with metrics.jsonl.

launch/check-tensorboard sets up what this needs and runs it:  check_events.py PATH/TO/dbc-train
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SMALL = ["--built-in-images", "400", "--batch-size", "64", "--kmeans-restarts", "2", "--quiet", "--tensorboard"]
STAGES = {"fcae": "stage I", "refine": "refinement", "dbc": "stage II", "graph": "graph partition",
          "pixel-kmeans": "k-means on pixels", "kmeans": "FCAE + k-means",
          "refined-kmeans": "k-means of refined features"}
CURVES = {"loss": "loss", "learning_rate": "learning rate", "images_per_s": "images per second", "changed": "changed",
          "mean_max_score": "mean score", "acc": "ACC", "nmi": "NMI", "ari": "ARI", "modularity": "modularity",
          "agreement": "agreement", "inertia": "inertia"}


def expected(path):
    """What metrics.jsonl says: the points (step, value) of each curve."""
    curves, networks = {}, []
    with open(path, encoding="utf-8") as file:
        for line in map(json.loads, file):
            stage, step = line["stage"], line.get("epoch", 0)
            group = STAGES.get(stage)
            if stage == "augment":
                group, step = f"comparison/{line['augment']}", int(line["refined"])
            elif stage in ("fcae", "refine"):
                network = (line["member"], line["augment"])
                if network not in networks:
                    networks.append(network)
                group += f"/network {networks.index(network) + 1}"
            for key, name in CURVES.items():
                if isinstance(line.get(key), (int, float)):
                    curves.setdefault(f"{group}/{name}", []).append((step, numpy.float32(line[key])))
    return curves


def check(title, run, files):
    """Whether TensorBoard's curves are those of metrics.jsonl."""
    folder = f"{run}/tensorboard"
    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    found = {tag: [(e.step, numpy.float32(e.value)) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    if files > 1:
        # Epochs that were trained again since the checkpoint are in both files: the later one counts, as in metrics.jsonl.
        found = {tag: sorted(dict(points).items()) for tag, points in found.items()}
    wanted = expected(f"{run}/metrics.jsonl")
    good = found == wanted and len(os.listdir(folder)) == files
    print(f"  {title}: {len(found)} curves, {sum(map(len, found.values()))} points, {len(os.listdir(folder))} files: "
          f"{'as metrics.jsonl' if good else 'NOT AS METRICS.JSONL'}")
    for tag in sorted(found.keys() | wanted.keys()):
        if found.get(tag) != wanted.get(tag):
            print(f"    {tag}: found {found.get(tag)}, expected {wanted.get(tag)}")
    return good


def main():
    program = os.path.abspath(sys.argv[1])
    good = []
    with tempfile.TemporaryDirectory() as folder:

        def train(*arguments, ranks=1):
            subprocess.run(["mpirun", "--quiet", "-np", str(ranks), program, *SMALL, "--output", f"{folder}/run",
                            *arguments], check=True)

        train("--pretrain-epochs", "1", "--refinement-epochs", "1", "--chain-epochs", "2", ranks=2)
        good.append(check("the defaults", f"{folder}/run", 1))
        paper = ["--recipe", "paper", "--pretrain-epochs", "2", "--pixel-kmeans"]
        train(*paper, "--chain-epochs", "1", "--overwrite")
        good.append(check("another run in its place", f"{folder}/run", 1))
        train(*paper, "--chain-epochs", "3", "--resume")
        good.append(check("resumed for two more epochs", f"{folder}/run", 2))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
