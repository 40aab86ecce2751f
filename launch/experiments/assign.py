"""ACC of clusters by a map from clusters to classes:  assign.py TRAINING.csv [NEW.csv [LARGEST_DIFFERENCE]]

The tables are assignments.csv of dbc, with labels. The map is the one-to-one map that is best on the training images. Prints
ACC of the training images by it, and of the new ones; fails where these are farther apart than the largest difference."""
import csv
import sys

import numpy
from scipy.optimize import linear_sum_assignment


def read(path):
    """The cluster and the class of every image."""
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
        rows = list(csv.DictReader(file))
    return [int(row["cluster"]) for row in rows], [row["label"] for row in rows]


def accuracy(classes, found):
    clusters, labels = found
    return sum(classes.get(cluster) == label for cluster, label in zip(clusters, labels)) / len(labels)


def main():
    training = read(sys.argv[1])
    names = sorted(set(training[1]))
    counts = numpy.zeros((max(training[0]) + 1, len(names)), int)
    for cluster, label in zip(*training):
        counts[cluster, names.index(label)] += 1
    rows, columns = linear_sum_assignment(counts, maximize=True)
    classes = {int(row): names[column] for row, column in zip(rows, columns)}
    known = accuracy(classes, training)
    print(f"ACC of the {len(training[1])} training images {known:.4f}")
    if len(sys.argv) > 2:
        new = read(sys.argv[2])
        other = accuracy(classes, new)
        print(f"ACC of {len(new[1])} new images, by the training's map {other:.4f}")
        if len(sys.argv) > 3 and not abs(other - known) <= float(sys.argv[3]):
            sys.exit(f"they differ by more than {sys.argv[3]}")


main()
