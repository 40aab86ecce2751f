#!/usr/bin/env python3
"""Runs the code of docs/use-results.md against small runs of dbc-train.

launch/check-docs sets up what this needs and runs it:  check_blocks.py PATH/TO/dbc-train PAGE
"""
import os
import subprocess
import sys
import tempfile

import numpy

from blocks import blocks

SMALL = ["--recipe", "paper", "--batch-size", "64", "--pretrain-epochs", "1", "--chain-epochs", "1",
         "--kmeans-restarts", "2", "--quiet", "--overwrite", "--output", "runs/latest"]
# A comma, quotation marks, a line end, and a byte that is no UTF-8.
HOSTILE = b'a, "b"\n\xe4.npy'


def images():
    """Four hundred noisy squares of four sizes."""
    random = numpy.random.default_rng(1)
    pixels = random.integers(0, 60, (400, 20, 20))
    for i in range(400):
        x, y = random.integers(0, 6, 2)
        side = 4 + 3 * (i % 4)
        pixels[i, y:y + side, x:x + side] += 150
    return pixels.astype(numpy.uint8)


def train(program, folder, *arguments):
    path = os.path.join(folder, "runs/latest")
    if os.path.exists(f"{path}/names.csv"):
        os.remove(f"{path}/names.csv")  # It is about the run before.
    subprocess.run(["mpirun", "--quiet", "-np", "1", program, *arguments, *SMALL], cwd=folder, check=True)
    if not os.path.exists(f"{path}/map.npy"):
        numpy.save(f"{path}/map.npy", numpy.load(f"{path}/embeddings.npy")[:, :2])
    with open(f"{path}/names.csv", "w", encoding="utf-8") as file:
        file.write("cluster,name\n0,cats\n")


def run(page, name, code, folder):
    """Whether the block runs to its end, in a process of its own."""
    start = f"import sys; exec(compile(sys.stdin.read(), {page!r}, 'exec'))"
    result = subprocess.run([sys.executable, "-c", start], cwd=folder, input=code, capture_output=True,
                            encoding="utf-8", env={**os.environ, "PYTHONUTF8": "1"})
    print(f"  {name}: {'runs' if result.returncode == 0 else 'FAILS'}")
    if result.returncode != 0:
        print(result.stdout + result.stderr)
    return result.returncode == 0


def check_parquet(folder):
    """Whether the Parquet file has what the run has."""
    import pandas
    table = pandas.read_parquet(f"{folder}/atlas.parquet")
    rows = numpy.load(f"{folder}/runs/latest/map.npy")
    return (list(table.columns[:4]) == ["index", "source", "cluster", "score"]
            and numpy.array_equal(table[["x", "y"]].to_numpy(), rows)
            and all("a, \"b\"\n\ufffd.npy" in name for name in table["source"]))


def main():
    program, page = map(os.path.abspath, sys.argv[1:3])
    found = blocks(page)
    good = []
    with tempfile.TemporaryDirectory() as folder:
        print("glyphs, with labels")
        train(program, folder, "--built-in-images", "400")
        # Their pixels are in no file, which the block for PyTorch would need.
        good += [run(page, name, code, folder) for name, code in found.items() if name != "pytorch"]
        print("an array with a hostile name")
        pixels = images()
        numpy.save(f"{folder}/images.npy", pixels)
        with open(os.path.join(os.fsencode(folder), HOSTILE), "wb") as file:
            numpy.save(file, pixels)
        train(program, folder, "--images", os.fsdecode(HOSTILE), "--clusters", "4")
        good += [run(page, name, code, folder) for name, code in found.items()]
        good.append(check_parquet(folder))
        if not good[-1]:
            print("  atlas.parquet is not what the run says")
    print(f"{sum(good)} passed, {len(good) - sum(good)} failed")
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
