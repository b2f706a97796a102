"""A picture with axes: marks as SVG that stretches with the page, letters as HTML that does not."""

from collections.abc import Sequence

from planner.report.results.scale import Tick
from planner.report.results.words import quoted

SIDE = 1000  # the marks' coordinates run from 0 to this, y downwards


def frame(marks: str, *, label: str, x: Sequence[Tick], y: Sequence[Tick], x_title: str, y_title: str) -> str:
    """HTML of a plot: `marks` within SIDE x SIDE, ticks with grid lines, titles of both axes.

    `label` is what a screen reader says of the picture.
    """
    grid = "".join(f"M{place(t.at)} 0V{SIDE}" for t in x) + "".join(f"M0 {SIDE - place(t.at)}H{SIDE}" for t in y)
    drawn = canvas(f'<path class="grid" d="{grid}"/>{marks}', label)
    heights, widths = ("".join(_written(tick, side) for tick in ticks) for ticks, side in ((y, "bottom"), (x, "left")))
    return (
        f'<div class="plot"><div class="y-title" aria-hidden="true">{y_title}</div>'
        f'<div class="y" aria-hidden="true">{heights}</div>{drawn}<div class="x" aria-hidden="true">{widths}</div>'
        f'<div class="x-title" aria-hidden="true">{x_title}</div></div>'
    )


def canvas(marks: str, label: str) -> str:
    """An SVG of SIDE x SIDE that fills its box; lines keep their width."""
    box = f'viewBox="0 0 {SIDE} {SIDE}" preserveAspectRatio="none"'
    return f'<svg role="img" aria-label="{quoted(label)}" {box}>{marks}</svg>'


def place(at: float) -> int:
    """A coordinate of the picture."""
    return round(SIDE * at)


def _written(tick: Tick, side: str) -> str:
    return f'<span style="{side}:{100 * tick.at:.2f}%">{tick.text}</span>'
