#!/usr/bin/env python3
"""Compares what dbc-train writes for TensorBoard, as TensorBoard reads it, with metrics.jsonl: a point of its curve for every
number, and a picture of reconstructions for every epoch that trains the decoder.

launch/check-tensorboard sets up what this needs and runs it:  check_events.py PATH/TO/dbc-train
"""
import io
import json
import os
import subprocess
import sys
import tempfile

import numpy
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SMALL = ["--built-in-images", "400", "--batch-size", "64", "--kmeans-restarts", "2", "--quiet", "--tensorboard"]
STAGES = {"fcae": "stage I", "refine": "refinement", "dbc": "stage II", "graph": "graph partition",
          "pixel-kmeans": "k-means on pixels", "kmeans": "FCAE + k-means",
          "refined-kmeans": "k-means of refined features"}
CURVES = {"loss": "loss", "learning_rate": "learning rate", "images_per_s": "images per second", "changed": "changed",
          "mean_max_score": "mean score", "acc": "ACC", "nmi": "NMI", "nmi_mean": "NMI (mean entropy)",
          "ari": "ARI", "modularity": "modularity", "agreement": "agreement", "inertia": "inertia"}


def expected(path):
    """What metrics.jsonl says: the points (step, value) of each curve."""
    curves, networks = {}, []
    with open(path, encoding="utf-8") as file:
        for line in map(json.loads, file):
            stage, step = line["stage"], line.get("epoch", 0)
            group = STAGES.get(stage)
            if stage in ("fcae", "refine"):
                network = (line["member"], line["augment"])
                if network not in networks:
                    networks.append(network)
                group += f"/network {networks.index(network) + 1}"
            for key, name in CURVES.items():
                if isinstance(line.get(key), (int, float)):
                    curves.setdefault(f"{group}/{name}", []).append((step, numpy.float32(line[key])))
    return curves


def pictures(events):
    """The pictures (step, size) of each tag, as Pillow decodes them. The upper half shows the images of the run."""
    found, originals = {}, set()
    for tag in events.Tags()["images"]:
        for event in events.Images(tag):
            picture = Image.open(io.BytesIO(event.encoded_image_string))
            size = (event.width, event.height)
            if picture.size != size or picture.mode != "L":
                size = f"announced as {size}, is {picture.size} {picture.mode}"
            found.setdefault(tag, []).append((event.step, size))
            bands = numpy.asarray(picture)
            # 16 images of 28 × 28 in two rows, each row above that of their reconstructions, with two rows of pixels between.
            if bands.shape == (114, 224):
                originals.add(bands[:28].tobytes() + bands[58:86].tobytes())
                if numpy.array_equal(bands[:28], bands[28:56]):
                    found[tag].append("shows no reconstructions")
    if found and len(originals) != 1:
        found["images"] = f"{len(originals)} different rows of images"
    return found


def check(title, run, files, decoder=("fcae",)):
    """Whether TensorBoard's curves are those of metrics.jsonl, and pictures there for the stages `decoder`."""
    folder = f"{run}/tensorboard"
    events = EventAccumulator(folder, size_guidance={"scalars": 0, "images": 0})
    events.Reload()
    found = {tag: [(e.step, numpy.float32(e.value)) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    shown = pictures(events)
    if files > 1:
        # Epochs that were trained again since the checkpoint are in both files: the later one counts, as in metrics.jsonl.
        found, shown = [{tag: sorted(dict(points).items()) for tag, points in tags.items()} for tags in (found, shown)]
    wanted = expected(f"{run}/metrics.jsonl")
    groups = tuple(f"{STAGES[stage]}/" for stage in decoder)
    # A curve of losses has a point for every epoch that trains.
    images = {tag.replace("/loss", "/reconstructions"): [(step, (224, 114)) for step, _ in points]
              for tag, points in wanted.items() if tag.endswith("/loss") and tag.startswith(groups)}
    good = found == wanted and shown == images and len(os.listdir(folder)) == files
    print(f"  {title}: {len(found)} curves, {sum(map(len, found.values()))} points, {sum(map(len, shown.values()))} "
          f"pictures, {len(os.listdir(folder))} files: {'as metrics.jsonl' if good else 'NOT AS METRICS.JSONL'}")
    if shown != images:
        print(f"    pictures: found {shown}, expected {images}")
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

        small = ["--pretrain-epochs", "1", "--refinement-epochs", "1", "--chain-epochs", "2"]
        train(*small, ranks=2)
        good.append(check("the defaults", f"{folder}/run", 1))
        train(*small, "--reconstruction-weight", "0.1", "--overwrite")
        good.append(check("a chain that trains the decoder", f"{folder}/run", 1, ("fcae", "refine", "dbc")))
        paper = ["--recipe", "paper", "--pretrain-epochs", "2", "--pixel-kmeans"]
        train(*paper, "--chain-epochs", "1", "--overwrite")
        good.append(check("another run in its place", f"{folder}/run", 1))
        train(*paper, "--chain-epochs", "3", "--resume")
        good.append(check("resumed for two more epochs", f"{folder}/run", 2))
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
