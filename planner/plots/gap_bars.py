"""Bars of gaps to the bound, from the optimum at zero to the worst schedule."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

from planner.plots.canvas import canvas
from planner.plots.palette import REGIONS

WIDE = 100.0  # a largest gap this many times the smallest is drawn on a logarithmic axis
Row = tuple[str, float | None]
OPTIMAL = 1e-3  # gaps below this share are as good as none and do not stretch the axis


def plot_gap_bars(rows: Sequence[Row], *, worst: float | None = None, ax: Axes | None = None) -> Axes:
    """One bar per (name, gap), smallest gap on top; a gap is a share of the bound, None for a plan that breaks rules.

    `worst` is the gap of the worst schedule, drawn as the dashed end of the scale. Axes in per cent.
    """
    ax = canvas(ax, width=8.0, height=1.1 + 0.34 * len(rows))
    rows = sorted(rows, key=lambda row: (row[1] is None, row[1]))
    gaps = [100 * gap if gap is not None else 0.0 for _, gap in rows]
    ax.barh(range(len(rows)), gaps, color=REGIONS[0], height=0.7)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=1.2)
    if worst is not None:
        ax.axvline(100 * worst, color="black", linestyle="--", linewidth=1.2)
        ax.annotate("worst", (100 * worst, 1), xycoords=("data", "axes fraction"), ha="right", va="bottom", fontsize=9)
    _scale(ax, [*gaps, *([100 * worst] if worst is not None else [])])
    _say_values(ax, rows)
    ax.set_xlabel("gap to the lower bound (%); no plan lies below 0")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _scale(ax: Axes, percents: list[float]) -> None:
    least = min((p for p in percents if p > 100 * OPTIMAL), default=1.0)
    if max(percents, default=0.0) > WIDE * least:
        ax.set_xscale("symlog", linthresh=max(1.0, least))
        ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.set_xlim(0, 1.12 * max(percents, default=1.0) or 1.0)


def _say_values(ax: Axes, rows: Sequence[Row]) -> None:
    paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}  # over the line of the worst schedule
    for y, (_, gap) in enumerate(rows):
        words = "infeasible" if gap is None else f"{100 * gap:.3g} %"
        at = (100 * (gap or 0.0), y)
        ax.annotate(words, at, xytext=(5, 0), textcoords="offset points", va="center", fontsize=9, bbox=paper)
