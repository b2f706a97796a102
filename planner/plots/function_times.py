"""Mean and 95th percentile of the latency of each function, scenario beside scenario."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.plots.canvas import canvas
from planner.plots.styles import points

Times = Mapping[str, tuple[float, float]]


def plot_function_times(rows: Sequence[tuple[str, Times]], *, ax: Axes | None = None) -> Axes:
    """Per scenario (name, {function: (mean, p95) in ms}): a point at the mean, a line up to the percentile."""
    ax = canvas(ax, width=8.0, height=3.8)
    functions = list(dict.fromkeys(function for _, times in rows for function in times))
    for n, ((name, times), (colour, marker)) in enumerate(zip(rows, points(), strict=False)):
        x = np.array([functions.index(f) for f in times]) + 0.18 * (n - (len(rows) - 1) / 2)
        mean, p95 = np.array(list(times.values())).T
        ax.vlines(x, np.minimum(mean, p95), np.maximum(mean, p95), color=colour, linewidth=1.6)
        ax.plot(x, mean, linestyle="", marker=marker, color=colour, label=f"{name}: mean")
        ax.plot(x, p95, linestyle="", marker="_", markersize=12, color=colour, label=f"{name}: p95")
    ax.set_yscale("log")
    ax.set_xticks(range(len(functions)), functions)
    ax.set_ylabel("latency (ms)")
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax
