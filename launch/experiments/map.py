"""Compares a map with PCA's and UMAP's:  map.py EMBEDDINGS.npy PLACES.npy TIMES.json

PLACES.npy and TIMES.json are what `dbc-bench map --format json` has written and printed. Trustworthiness is that of the 15
nearest neighbours, of 5000 random rows where there are more."""
import json
import pathlib
import sys
import time
import warnings

import numpy
import sklearn.decomposition
import sklearn.manifold

warnings.filterwarnings("ignore")
import umap  # noqa: E402  it warns of its own use of other libraries


def timed(method, rows):
    """What `method` makes of the rows, and the seconds that it took."""
    start = time.monotonic()
    return method.fit_transform(rows), time.monotonic() - start


rows, places = (numpy.load(name) for name in sys.argv[1:3])
times = json.loads(pathlib.Path(sys.argv[3]).read_text())
umap.UMAP().fit(rows[:200])  # compiles what is timed below
maps = {
    "dbc": (places, times["search_s"] + times["map_s"]),
    "PCA": timed(sklearn.decomposition.PCA(2), rows),
    "UMAP": timed(umap.UMAP(), rows),
}
sample = numpy.sort(numpy.random.default_rng(0).permutation(len(rows))[:5000])
print(f"{sys.argv[1]}: {len(rows)} × {rows.shape[1]}, {times['neighbours']} neighbours\n")
print("| map | trustworthiness | time [s] |\n|---|---|---|")
for name, (points, seconds) in maps.items():
    trust = sklearn.manifold.trustworthiness(rows[sample], points[sample], n_neighbors=15)
    note = f" (neighbours {times['search_s']:.2f}, map {times['map_s']:.2f})" if name == "dbc" else ""
    print(f"| {name} | {trust:.4f} | {seconds:.2f}{note} |")
print()
