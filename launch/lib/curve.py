"""A speed-up curve as an SVG file: measured series with error bars beside the ideal line."""
import math
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 540
LEFT, RIGHT, TOP, BOTTOM = 84, 28, 84, 112
COLOURS = ["#1f6fb4", "#d1661c", "#3a8a4d", "#8a4fa3"]
MARKERS = ["circle", "square", "diamond", "circle"]


@dataclass
class Series:
    name: str
    points: list  # (ranks, speed-up, its minimum, its maximum, efficiency)


class Axes:
    """From numbers to places; both axes by powers of two where the rank counts span more than a factor of eight."""

    def __init__(self, ranks, largest):
        self.logarithmic = ranks[-1] > 8 * ranks[0]
        top = max(largest, ranks[-1] / ranks[0])
        if self.logarithmic:
            self.x_range = (ranks[0] / 1.2, ranks[-1] * 1.2)
            self.y_range = (1 / 1.2, top * 1.3)
            self.y_ticks = [2**power for power in range(int(math.log2(self.y_range[1])) + 1)]
        else:
            margin = 0.06 * max(ranks[-1] - ranks[0], 1)
            self.x_range = (ranks[0] - 2 * margin, ranks[-1] + 2 * margin)
            self.y_range = (0, top * 1.12)
            step = 0.25 if top <= 1.5 else 0.5 if top <= 4 else 1
            self.y_ticks = [step * i for i in range(int(self.y_range[1] / step) + 1)]
        self.x_ticks = ranks

    def fraction(self, value, limits):
        low, high = limits
        if self.logarithmic:
            value, low, high = (math.log(number) for number in (value, low, high))
        return (value - low) / (high - low)

    def x(self, ranks):
        return LEFT + self.fraction(ranks, self.x_range) * (WIDTH - LEFT - RIGHT)

    def y(self, speed_up):
        return HEIGHT - BOTTOM - self.fraction(speed_up, self.y_range) * (HEIGHT - TOP - BOTTOM)


def line(x1, y1, x2, y2, colour, width=1.0, extra=""):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" {extra}/>')


def polyline(places, colour, width=2.0, extra=""):
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:g}" {extra}/>'


def text(x, y, content, size=13, anchor="middle", colour="#333", extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}" '
            f'{extra}>{escape(content)}</text>')


def marker(shape, x, y, colour):
    style = f'fill="{colour}"'
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" {style}/>'
    if shape == "square":
        return f'<rect x="{x - 4.5:.1f}" y="{y - 4.5:.1f}" width="9" height="9" {style}/>'
    return (f'<path d="M{x:.1f} {y - 7:.1f} L{x + 7:.1f} {y:.1f} L{x:.1f} {y + 7:.1f} L{x - 7:.1f} {y:.1f} Z" '
            f'{style}/>')


def frame(axes, series, x_label, y_label):
    """Axes with ticks and labels; below the ticks the efficiency of each series."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for tick in axes.y_ticks:
        y = axes.y(tick)
        parts += [line(LEFT, y, right, y, "#e4e4e4"), text(LEFT - 10, y + 4.5, f"{tick:g}", anchor="end")]
    last = -math.inf
    for tick in axes.x_ticks:
        x = axes.x(tick)
        parts.append(line(x, bottom, x, bottom + 6, "#555"))
        if x - last < 40:
            continue
        last = x
        parts.append(text(x, bottom + 23, f"{tick}"))
        for number, entry in enumerate(series):
            efficiency = next((point[4] for point in entry.points if point[0] == tick), None)
            if efficiency is not None:
                parts.append(text(x, bottom + 65 + 17 * number, f"{100 * efficiency:.0f} %", 12.5,
                                  colour=COLOURS[number % len(COLOURS)]))
    parts.append(text(LEFT - 10, bottom + 65, "efficiency", 12.5, "end", "#666"))
    parts += [line(LEFT, bottom, right, bottom, "#555", 1.2), line(LEFT, TOP, LEFT, bottom, "#555", 1.2)]
    parts.append(text((LEFT + right) / 2, bottom + 43, x_label, 14))
    middle = (TOP + bottom) / 2
    parts.append(text(24, middle, y_label, 14, extra=f'transform="rotate(-90 24 {middle:.1f})"'))
    return parts


def ideal(axes):
    first, last = axes.x_ticks[0], axes.x_ticks[-1]
    return line(axes.x(first), axes.y(1), axes.x(last), axes.y(last / first), "#777", 1.5, 'stroke-dasharray="6 5"')


def measured(axes, series, number, of):
    """Error bars, the curve and markers."""
    colour = COLOURS[number % len(COLOURS)]
    # Side by side where series share a rank count.
    shift = 7 * (number - (of - 1) / 2)
    places = [(axes.x(ranks) + shift, axes.y(value)) for ranks, value, *_ in series.points]
    parts = [polyline(places, colour)]
    for (x, y), (_, _, low, high, _) in zip(places, series.points):
        top, bottom = axes.y(high), axes.y(low)
        parts += [line(x, top, x, bottom, colour, 1.5), line(x - 7, top, x + 7, top, colour, 1.5),
                  line(x - 7, bottom, x + 7, bottom, colour, 1.5), marker(MARKERS[number % 4], x, y, colour)]
    return parts


def legend(series):
    x, y = LEFT + 18, TOP + 12
    rows = len(series) + 1
    parts = [f'<rect x="{x - 8}" y="{y - 10}" width="300" height="{rows * 22 + 6}" rx="4" fill="#fff" '
             f'fill-opacity="0.92" stroke="#d5d5d5"/>',
             line(x, y + 6, x + 30, y + 6, "#777", 1.5, 'stroke-dasharray="6 5"'),
             text(x + 40, y + 10.5, "ideal", anchor="start")]
    for number, entry in enumerate(series):
        middle = y + 6 + 22 * (number + 1)
        colour = COLOURS[number % len(COLOURS)]
        parts += [line(x, middle, x + 30, middle, colour, 2), marker(MARKERS[number % 4], x + 15, middle, colour),
                  text(x + 40, middle + 4.5, entry.name, anchor="start")]
    return parts


def page(width, height, left, title, subtitle):
    """The beginning of a picture: a white page with a title."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" '
        f'height="{height}" font-family="Helvetica, Arial, sans-serif">',
        f'<rect width="{width:.0f}" height="{height}" fill="#fff"/>',
        text(left, 34, title, 18, "start", "#111", 'font-weight="bold"'),
        text(left, 58, subtitle, 12.5, "start", "#666")]


def draw(series, title, subtitle, x_label, y_label):
    """The whole picture."""
    ranks = sorted({point[0] for entry in series for point in entry.points})
    axes = Axes(ranks, max(point[3] for entry in series for point in entry.points))
    parts = [*page(WIDTH, HEIGHT, LEFT, title, subtitle), *frame(axes, series, x_label, y_label), ideal(axes)]
    for number, entry in enumerate(series):
        parts += measured(axes, entry, number, len(series))
    return "\n".join(parts + legend(series) + ["</svg>"]) + "\n"
