"""Curves over one axis of a sweep: what the optimum and the policies emit, and how far they are from the bound."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.styles import lines, points
from planner.plots.units import scaled_mass

Row = tuple[str, Floats, Floats]
OPTIMUM = "optimum"


def plot_sweep(axis: str, values: Floats, rows: Sequence[Row], ax: Axes | None = None) -> Axes:
    """`rows` holds (name, carbon kg (V,), gap as a share (V,)) at the `values` (V,) of an axis; NaN: none.

    Carbon above, the gap to the bound below, on the same x axis; the optimum is the black line.
    """
    host = canvas(ax, width=9.0, height=6.0)
    host.set_axis_off()
    upper, lower = host.inset_axes((0, 0.42, 1, 0.58)), host.inset_axes((0, 0, 1, 0.36))
    most = max((float(np.nanmax(kg, initial=0.0)) for _, kg, _ in rows), default=0.0)
    factor, unit = scaled_mass(most)
    styles = zip(lines(), points(), strict=True)
    for name, carbon, gap in rows:
        best = name == OPTIMUM
        (colour, dash), (_, marker) = (("black", "-"), ("", ".")) if best else next(styles)
        look: dict[str, Any] = {
            "color": colour,
            "linestyle": dash,
            "marker": marker,
            "markersize": 4,
            "linewidth": 1.8 if best else 1.4,
        }
        upper.plot(values, factor * carbon, label=name, zorder=3 if best else 2, **look)
        if not best:
            lower.plot(values, 100 * gap, **look)
    _finish(upper, f"carbon ({unit})")
    _finish(lower, "gap to the bound (%)")
    upper.tick_params(labelbottom=False)
    lower.set_xlabel(axis)
    upper.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9 if len(rows) <= 14 else 7)
    return host


def _finish(ax: Axes, label: str) -> None:
    ax.set_ylabel(label)
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_locator(MaxNLocator(6))
    ax.grid(color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
