"""Bars of gaps, split into their causes."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.palette import OTHER, REGIONS

Row = tuple[str, Mapping[str, float | None]]
COLOURS = dict(zip(("forecast", "provisioning", "waiting", "space", "proof"), (*REGIONS[:4], OTHER), strict=True))
WORDS = {"forecast": "forecast error", "provisioning": "servers, routing inside", "proof": "not proven"}
HATCHES = {"forecast": "//", "waiting": "..", "proof": ""}


def plot_attribution(rows: Sequence[Row], ax: Axes | None = None) -> Axes:
    """One bar per (name, parts as shares of the bound), smallest gap on top; a negative part stands left of zero."""
    ax = canvas(ax, width=9.0, height=1.3 + 0.36 * len(rows))
    rows = sorted(rows, key=lambda row: _sum(row[1]))
    for part, colour in COLOURS.items():
        values = [100 * (parts.get(part) or 0.0) for _, parts in rows]
        before = [_start(parts, part) for _, parts in rows]
        label, hatch = WORDS.get(part, part), HATCHES.get(part)
        ax.barh(range(len(rows)), values, left=before, color=colour, hatch=hatch, edgecolor="white", label=label)
    for y, (_, parts) in enumerate(rows):
        end = 100 * sum(max(value or 0.0, 0.0) for value in parts.values())
        words = f"{100 * _sum(parts):.3g} %"
        ax.annotate(words, (end, y), xytext=(5, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=1.2)
    ax.margins(x=0.1)
    ax.set_xlabel("gap to the lower bound (%), by cause")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _sum(parts: Mapping[str, float | None]) -> float:
    return sum(value or 0.0 for value in parts.values())


def _start(parts: Mapping[str, float | None], part: str) -> float:
    """Where a part begins (per cent): positive ones are stacked from zero to the right, a negative one starts there."""
    if (parts.get(part) or 0.0) < 0:
        return 0.0
    earlier = list(COLOURS)[: list(COLOURS).index(part)]
    return 100 * sum(max(parts.get(name) or 0.0, 0.0) for name in earlier)
