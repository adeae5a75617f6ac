"""Draws charts as SVG: lines over two axes, and no more."""

from collections.abc import Sequence
from html import escape
from math import log10

import msgspec

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 180, 36, 48
COLOURS = ("#1f6f8b", "#c8553d", "#6a994e", "#7a5195", "#8d99ae", "#bc8034")
TICKS = 5
HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    ' font-family="sans-serif" font-size="12">'
)


class Line(msgspec.Struct, frozen=True):
    """One line, or some points."""

    name: str
    points: Sequence[tuple[float, float]]
    style: str = "line"
    """``line``, ``dashes``, ``points`` or ``both``."""


class Axis(msgspec.Struct, frozen=True):
    """One axis."""

    name: str
    low: float
    high: float
    logs: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, 0 to 1."""
        if self.logs:
            span = log10(self.high) - log10(self.low)
            return (log10(max(value, self.low)) - log10(self.low)) / span
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Return the values that are written beside it."""
        if self.logs:
            shares = [step / TICKS for step in range(TICKS + 1)]
            return [self.low * (self.high / self.low) ** share for share in shares]
        return [self.low + (self.high - self.low) * step / TICKS for step in range(TICKS + 1)]


def axis_of(name: str, values: Sequence[float], *, logs: bool = False) -> Axis:
    """Return an axis that all values lie on, with some room."""
    low, high = min(values), max(values)
    if logs:
        return Axis(name, low / 1.1, high * 1.1, logs=True)
    room = (high - low) * 0.04 or 0.5
    return Axis(name, low - room, high + room)


def chart(title: str, lines: Sequence[Line], x: Axis, y: Axis) -> str:
    """Return a picture of lines."""
    parts = [
        HEAD,
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
        *_axes(x, y),
    ]
    for number, line in enumerate(lines):
        parts += _drawn(line, COLOURS[number % len(COLOURS)], x, y)
        parts += _named(line, COLOURS[number % len(COLOURS)], number)
    return "\n".join((*parts, "</svg>")) + "\n"


def _axes(x: Axis, y: Axis) -> list[str]:
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts: list[str] = []
    for value in x.ticks():
        at = _x(x, value)
        parts += (
            f'<line x1="{at}" y1="{TOP}" x2="{at}" y2="{bottom}" stroke="#e8e8e8"/>',
            f'<text x="{at}" y="{bottom + 16}" text-anchor="middle">{value:.3g}</text>',
        )
    for value in y.ticks():
        at = _y(y, value)
        parts += (
            f'<line x1="{LEFT}" y1="{at}" x2="{right}" y2="{at}" stroke="#e8e8e8"/>',
            f'<text x="{LEFT - 6}" y="{at + 4}" text-anchor="end">{value:.3g}</text>',
        )
    across, down = (LEFT + right) / 2, (TOP + bottom) / 2
    size = f'width="{right - LEFT}" height="{bottom - TOP}"'
    turned = f'text-anchor="middle" transform="rotate(-90 16 {down})"'
    return [
        *parts,
        f'<rect x="{LEFT}" y="{TOP}" {size} fill="none" stroke="#888888"/>',
        f'<text x="{across}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x.name)}</text>',
        f'<text x="16" y="{down}" {turned}>{escape(y.name)}</text>',
    ]


def _drawn(line: Line, colour: str, x: Axis, y: Axis) -> list[str]:
    places = [(_x(x, one), _y(y, other)) for one, other in line.points]
    parts = []
    if line.style != "points":
        joined = " ".join(f"{one},{other}" for one, other in places)
        dashes = ' stroke-dasharray="5 4"' if line.style == "dashes" else ""
        parts.append(
            f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
    if line.style in {"points", "both"}:
        parts += [f'<circle cx="{a}" cy="{b}" r="3.5" fill="{colour}"/>' for a, b in places]
    return parts


def _named(line: Line, colour: str, number: int) -> list[str]:
    left, top = WIDTH - RIGHT + 12, TOP + 10 + 20 * number
    return [
        f'<rect x="{left}" y="{top - 5}" width="14" height="4" fill="{colour}"/>',
        f'<text x="{left + 20}" y="{top}">{escape(line.name)}</text>',
    ]


def _x(axis: Axis, value: float) -> float:
    return round(LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM), 1)
