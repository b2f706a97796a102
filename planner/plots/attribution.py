"""Bars of gaps, split into their causes."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.palette import OTHER, REGIONS

Row = tuple[str, Mapping[str, float | None]]
COLOURS = dict(zip(("forecast", "provisioning", "waiting", "space", "proof"), (*REGIONS[:4], OTHER), strict=True))
WORDS = {"forecast": "forecast error", "provisioning": "servers, routing inside", "proof": "not proven"}
HATCHES = {"forecast": "//", "provisioning": "--", "waiting": "..", "proof": ""}
GAP: dict[str, Any] = {
    "linestyle": "none",
    "marker": "D",
    "color": "black",
    "markeredgecolor": "white",
    "markersize": 7,
}


def plot_attribution(rows: Sequence[Row], ax: Axes | None = None) -> Axes:
    """One bar per (name, parts as shares of the bound), smallest gap on top.

    A negative part stands left of zero; the diamond is the gap, the sum of all parts.
    """
    ax = canvas(ax, width=9.0, height=1.3 + 0.36 * len(rows))
    rows = sorted(rows, key=lambda row: _sum(row[1]))
    for part, colour in COLOURS.items():
        values = [100 * (parts.get(part) or 0.0) for _, parts in rows]
        before = [_start(parts, part) for _, parts in rows]
        label, hatch = WORDS.get(part, part), HATCHES.get(part)
        ax.barh(range(len(rows)), values, left=before, color=colour, hatch=hatch, edgecolor="white", label=label)
    gaps = [100 * _sum(parts) for _, parts in rows]
    ax.plot(gaps, range(len(rows)), label="gap", **GAP)
    for y, (gap, (_, parts)) in enumerate(zip(gaps, rows, strict=True)):
        end = 100 * sum(max(value or 0.0, 0.0) for value in parts.values())
        ax.annotate(f"{gap:.3g} %", (end, y), xytext=(8, 0), textcoords="offset points", va="center", fontsize=9)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=1.2)
    ax.use_sticky_edges = False  # an empty last part would hold the axis to its end, without room for the figures
    ax.margins(x=0.1)
    if all((value or 0.0) >= 0 for _, parts in rows for value in parts.values()):
        ax.set_xlim(left=0)
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
