"""The paper's Figure 9 (arXiv:1703.07980): its numbers, and a picture of the same runs beside them."""
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1] / "lib"))
from curve import COLOURS, line, marker, page, polyline, text  # noqa: E402

# What was read from the paper's curves: by run, ACC and NMI by chain epoch.
PAPER = {
    "boost-2": ({0: .797, 5: .885, 10: .931, 20: .954, 49: .964}, {0: .682, 49: .917}),
    "boost-1.5": ({0: .795, 5: .830, 10: .867, 20: .890, 49: .897}, {49: .835}),
    "boost-4": ({0: .793, 5: .898, 10: .906, 20: .911, 38: .915}, {38: .865}),
    "normalization-none": ({0: .794, 5: .879, 10: .898, 20: .901, 28: .902}, {28: .865}),
    "normalization-dec": ({0: .793, 5: .878, 10: .913, 20: .923, 42: .930}, {42: .889}),
    "fcae-half-trained": ({0: .764, 5: .831, 10: .854, 20: .866, 49: .871}, {0: .650, 49: .832}),
    "fcae-random": ({0: .616, 5: .705, 10: .722, 20: .731, 49: .741}, {0: .516, 49: .752}),
}
PANELS = [
    ("boost α", {"boost-1.5": "1.5", "boost-4": "4", "boost-2": "2"}),
    ("normalisation n_j", {"normalization-none": "none", "normalization-dec": "dec", "boost-2": "dbc"}),
    ("auto-encoder", {"fcae-random": "random", "fcae-half-trained": "half-trained", "boost-2": "trained"}),
]
MARKERS = ["circle", "square", "diamond"]
WIDTH, HEIGHT, GAP, LEFT, TOP, BOTTOM = 300, 240, 40, 64, 92, 88
EPOCHS = 50


def panel(curves, x0, y0, low, names, measure):
    """One pair of axes, ours as lines and the paper's as markers on broken ones."""
    def place(epoch, value):
        return x0 + WIDTH * epoch / EPOCHS, y0 + HEIGHT * (1 - value) / (1 - low)

    parts = []
    for tenth in range(round(10 * low), 11):
        _, y = place(0, tenth / 10)
        parts += [line(x0, y, x0 + WIDTH, y, "#e4e4e4"), text(x0 - 8, y + 4, f"{tenth / 10:.1f}", 12, "end")]
    for epoch in range(0, EPOCHS + 1, 10):
        x, y = place(epoch, low)
        parts += [line(x, y, x, y + 5, "#555"), text(x, y + 20, f"{epoch}", 12)]
    for number, name in enumerate(names):
        colour = COLOURS[number]
        known = [place(epoch, value) for epoch, value in PAPER[name][measure].items()]
        if len(known) > 2:  # Between the ends alone there is no curve.
            parts.append(polyline(known, colour, 1.2, 'stroke-dasharray="5 4"'))
        parts += [marker(MARKERS[number], x, y, colour) for x, y in known]
        if name in curves:
            parts.append(polyline([place(*point) for point in curves[name][measure]], colour, 2.2))
    return parts


def legend(names, x0, y0):
    parts = []
    for number, label in enumerate(names.values()):
        x = x0 + (0, 86, 204)[number]
        parts += [line(x, y0, x + 24, y0, COLOURS[number], 2.2), marker(MARKERS[number], x + 12, y0, COLOURS[number]),
                  text(x + 30, y0 + 4, label, 12.5, "start")]
    return parts


def draw(curves, seeds):
    """The picture as SVG.

    curves: by run, the mean ACC and the mean NMI over the seeds, each as pairs of a chain epoch and a value."""
    width = LEFT + len(PANELS) * (WIDTH + GAP + LEFT / 2)
    height = TOP + 2 * HEIGHT + GAP + BOTTOM
    values = [value for each in [*curves.values()] for measure in each for _, value in measure]
    values += [value for each in PAPER.values() for measure in each for value in measure.values()]
    low = int(10 * min(values)) / 10
    ours = "one seed" if seeds == 1 else f"mean of {seeds} seeds"
    parts = page(
        width, height, LEFT, "Ablations on MNIST, over the epochs of the learning chain",
        f"lines: dbc, {ours}; marks on broken lines: the paper's Figure 9 (Li, Qiao, Xi, Zhang, arXiv:1703.07980)")
    for column, (title, names) in enumerate(PANELS):
        x0 = LEFT + column * (WIDTH + GAP + LEFT / 2)
        parts.append(text(x0 + WIDTH / 2, TOP - 12, title, 14))
        for row in range(2):
            parts += panel(curves, x0, TOP + row * (HEIGHT + GAP), low, names, row)
        parts += legend(names, x0, TOP + 2 * HEIGHT + GAP + 66)
        parts.append(text(x0 + WIDTH / 2, TOP + 2 * HEIGHT + GAP + 42, "epoch of the chain", 13))
    for row, title in enumerate(["ACC", "NMI"]):
        y = TOP + HEIGHT / 2 + row * (HEIGHT + GAP)
        parts.append(text(22, y, title, 14, extra=f'transform="rotate(-90 22 {y:.1f})"'))
    return "\n".join(parts + ["</svg>"]) + "\n"
