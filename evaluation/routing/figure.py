"""What is measured: each figure with its interval and its bar."""

from collections.abc import Sequence

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One value, and how sure it is."""

    name: str
    """Its key in evaluation.json."""
    what: str
    value: float
    low: float | None = None
    """Of the interval that 95 % of the draws lie in; None where nothing is drawn."""
    high: float | None = None
    bar: float | None = None
    """What it must reach; None where it is only told."""
    most: bool = False
    """The bar is the most that it may be, not the least."""
    above: bool = False
    """To reach the bar is not enough: it must lie beyond."""
    digits: int = 3

    @property
    def held(self) -> bool | None:
        """Whether it keeps its bar; None where there is none."""
        if self.bar is None:
            return None
        if self.above and self.value == self.bar:
            return False
        return self.value <= self.bar if self.most else self.value >= self.bar


class Study(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the page."""

    title: str
    lead: str
    figures: Sequence[Figure]
    table: str = ""
    """More of it, in Markdown."""
    plots: dict[str, str] = {}
    """Pictures as SVG, by the name of their file; each has the text beside it as its title."""
    notes: Sequence[str] = ()


def flat(figures: Sequence[Figure]) -> dict[str, dict[str, float | bool | None]]:
    """Return the figures by name, as evaluation.json has them."""
    return {
        each.name: {
            "value": rounded(each.value),
            "low": rounded(each.low),
            "high": rounded(each.high),
            "bar": each.bar,
            "held": each.held,
        }
        for each in figures
    }


def rounded(value: float | None) -> float | None:
    """Return the value with five digits that count, so that files differ only where it does."""
    return None if value is None else float(f"{value:.5g}")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| figure | value | 95 % interval | bar | |", "|---|---:|---:|---:|---|"]
    for each in figures:
        low, high = shown(each.low, each.digits), shown(each.high, each.digits)
        between = f"{low} to {high}" if low else ""
        lines.append(
            f"| {each.what} | **{shown(each.value, each.digits)}** | {between} |"
            f" {_bar(each)} | {judged(each)} |"
        )
    return "\n".join(lines)


def shown(value: float | None, digits: int) -> str:
    """Return the value as people read it."""
    return "" if value is None else f"{value:,.{digits}f}"


def judged(figure: Figure) -> str:
    """Return what the bar says of it."""
    return {None: "", True: "held", False: "**missed**"}[figure.held]


def _bar(figure: Figure) -> str:
    if figure.bar is None:
        return ""
    way = ("below" if figure.most else "above") if figure.above else ""
    way = way or ("at most" if figure.most else "at least")
    return f"{way} {figure.bar:g}"
