"""Requests per gram along a parameter of a policy."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.styles import lines

Line = tuple[str, Floats]


def plot_weight_sweep(
    parameter: str, values: Floats, rows: Sequence[Line], *, optimum: float | None = None, ax: Axes | None = None
) -> Axes:
    """`rows` holds (name, requests per g (V,)) at the `values` (V,) of a parameter; NaN: the plan breaks rules.

    `optimum` is what the best plan reaches, the black line.
    """
    ax = canvas(ax, width=8.0, height=4.0)
    for (name, reached), (colour, dashes) in zip(rows, lines(), strict=False):
        ax.plot(values, reached, color=colour, linestyle=dashes, marker=".", linewidth=1.4, label=name)
    if optimum is not None:
        ax.axhline(optimum, color="black", linewidth=1.8, label="optimum")
    known = [float(x) for _, reached in rows for x in reached if np.isfinite(x)]
    ax.set_ylim(0, 1.08 * max([*known, optimum or 0.0]) or 1.0)
    ax.set_xlabel(parameter)
    ax.set_ylabel("requests per g CO$_2$e")
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax
