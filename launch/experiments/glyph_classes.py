#!/usr/bin/env python3
"""glyph_classes.py CLASSES IMAGES SEED FOLDER: drawn glyphs in up to 15 classes, as images.npy and labels.npy in FOLDER.

The first ten classes and the distortions are those of the built-in images; the random numbers are others."""
import sys
import numpy as np

def arc(cx, cy, r, a, b):
    t = 2 * np.pi * (a + (b - a) * np.arange(13) / 12)
    return [(cx + r * np.cos(x), cy + r * np.sin(x)) for x in t]

STROKES = [
    [arc(.5, .5, .3, 0, 1)],
    [[(.22, .22), (.78, .78)], [(.78, .22), (.22, .78)]],
    [[(.5, .18), (.5, .82)], [(.18, .5), (.82, .5)]],
    [[(.2, .22), (.8, .22)], [(.5, .22), (.5, .82)]],
    [[(.28, .18), (.28, .78), (.78, .78)]],
    [[(.22, .22), (.78, .22), (.22, .78), (.78, .78)]],
    [[(.5, .18), (.82, .76), (.18, .76), (.5, .18)]],
    [[(.16, .5), (.82, .5)], [(.56, .24), (.82, .5), (.56, .76)]],
    [[(.24, .2), (.24, .5)] + arc(.5, .52, .26, .5, 0) + [(.76, .2)]],
    [[(.34, .18), (.34, .82)], [(.66, .18), (.66, .82)]],
    [[(.3, .18), (.3, .82)], [(.7, .18), (.7, .82)], [(.3, .5), (.7, .5)]],                       # H
    [[(.76, .2), (.28, .2), (.28, .8), (.76, .8)], [(.28, .5), (.68, .5)]],                        # E
    [[(.5, .82), (.5, .5)], [(.24, .2), (.5, .5), (.76, .2)]],                                     # Y
    [[(.3, .82), (.3, .2), (.6, .2)] + arc(.6, .35, .15, -.25, .25) + [(.3, .5)]],                 # P
    [[(.2, .2), (.34, .8), (.5, .4), (.66, .8), (.8, .2)]],                                        # W
]

def draw(strokes, rng):
    size = 28
    angle = rng.uniform(-.3, .3); s = rng.uniform(.72, 1.02); st = 1 + rng.uniform(-.16, .16)
    shear = rng.uniform(-.28, .28); move = rng.uniform(-.11, .11, 2)
    c, n = np.cos(angle), np.sin(angle)
    yy, xx = np.mgrid[0:size, 0:size]
    P = np.stack([(xx + .5) / size, (yy + .5) / size], -1).reshape(-1, 2)
    best = np.full(len(P), 9.)
    for line in strokes:
        p = np.array(line) - .5
        p = np.stack([p[:, 0] * s * st, p[:, 1] * s / st], 1)
        p[:, 0] += shear * p[:, 1]
        p = np.stack([c * p[:, 0] - n * p[:, 1], n * p[:, 0] + c * p[:, 1]], 1)
        p += .5 + move + .028 * rng.normal(size=p.shape)
        for a, b in zip(p, p[1:]):
            d = b - a; l = (d * d).sum()
            t = np.clip(((P - a) @ d) / l, 0, 1) if l > 0 else np.zeros(len(P))
            best = np.minimum(best, np.linalg.norm(P - a - t[:, None] * d, axis=1))
    w = rng.uniform(.036, .075); ink = rng.uniform(.75, 1)
    v = ink * np.clip((w - best) / (1 / size) + .5, 0, 1) + .05 * rng.normal(size=len(P))
    return (np.clip(v, 0, 1) * 255).round().astype(np.uint8).reshape(size, size)

classes, images, seed, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
rng = np.random.default_rng(seed)
labels = rng.integers(0, classes, images).astype(np.int32)
np.save(f"{folder}/images.npy", np.stack([draw(STROKES[l], rng) for l in labels]))
np.save(f"{folder}/labels.npy", labels)
