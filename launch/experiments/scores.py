"""How often images are right, by score: launch/experiments/scores.py RUN…

An image is right where its class is that of most images of its cluster. The runs need labels. Prints Markdown, a row per run."""
import collections
import csv
import pathlib
import sys

EDGES = [0, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0001]


def main():
    print("| run | " + " | ".join(f"{low:g}–{min(high, 1):g}" for low, high in zip(EDGES, EDGES[1:])) + " |")
    print("|" + "---|" * len(EDGES))
    for run in sys.argv[1:]:
        with open(pathlib.Path(run) / "assignments.csv", newline="", encoding="utf-8", errors="replace") as file:
            rows = list(csv.DictReader(file))
        kinds = collections.defaultdict(collections.Counter)
        for row in rows:
            kinds[row["cluster"]][row["label"]] += 1
        cells = []
        for low, high in zip(EDGES, EDGES[1:]):
            inside = [row for row in rows if low <= float(row["score"]) < high]
            right = sum(row["label"] == kinds[row["cluster"]].most_common(1)[0][0] for row in inside)
            cells.append(f"{right} of {len(inside)}" + (f" ({right / len(inside):.3f})" if inside else ""))
        print(f"| {run} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
