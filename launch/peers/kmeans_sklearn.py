"""scikit-learn's k-means as the peer of `dbc-bench kmeans`.

    kmeans_sklearn.py --file FEATURES.npy --clusters 10 --restarts 20

Prints {"ready": …}, and then, for every line on standard input, runs once and prints {"seconds": …, "inertia": …}.
One thread: the caller sets OMP_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""
import argparse
import json
import sys
import time

import numpy
import sklearn
from sklearn.cluster import KMeans


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", required=True)
    parser.add_argument("--clusters", type=int, required=True)
    parser.add_argument("--restarts", type=int, required=True)
    options = parser.parse_args()
    features = numpy.load(options.file)

    def run(restarts):
        return KMeans(options.clusters, n_init=restarts, algorithm="lloyd", random_state=0).fit(features)

    run(1)
    print(json.dumps({"ready": True, "program": f"scikit-learn {sklearn.__version__}"}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        result = run(options.restarts)
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "inertia": float(result.inertia_)}), flush=True)


if __name__ == "__main__":
    main()
