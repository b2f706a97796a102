"""How long requests take: the share that is slower than a given latency."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats
from planner.plots.canvas import canvas
from planner.plots.styles import lines

Row = tuple[str, Floats]
DRAWN = 2000  # points of a curve; more cannot be seen


def plot_latency(rows: Sequence[Row], *, slo_ms: Sequence[tuple[str, float]] = (), ax: Axes | None = None) -> Axes:
    """A curve per (name, latencies in ms of the served requests); dotted lines at (workload, SLO in ms).

    The share that is slower stands on a logarithmic axis, so that the tail can be read: 95 % are faster at 5 %.
    """
    ax = canvas(ax, width=9.0, height=4.4)
    for (name, latency_ms), (colour, dash) in zip(rows, lines(), strict=False):
        at, slower = _tail(latency_ms)
        ax.plot(at, slower, color=colour, linestyle=dash, linewidth=1.6, label=name)
    ax.set_yscale("log")
    ax.set_ylim(1e-4, 1.0)
    ax.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
    ax.set_xlim(left=0)
    ax.set_xlabel("latency (ms)")
    ax.set_ylabel("share of requests that are slower")
    ax.grid(color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    _mark(ax, slo_ms)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax


def _mark(ax: Axes, slo_ms: Sequence[tuple[str, float]]) -> None:
    """Dotted lines at the limits, named above the axes, where they hide no curve."""
    names = {limit: ", ".join(name for name, slo in slo_ms if slo == limit) for _, limit in slo_ms}
    for limit in names:
        ax.axvline(limit, color="#777777", linewidth=1.0, linestyle=(0, (1, 2)))
    above = ax.secondary_xaxis("top")
    above.set_xticks(list(names), [f"SLO {name}" for name in names.values()], rotation=25, ha="left", fontsize=8)
    above.spines["top"].set_visible(False)


def _tail(latency_ms: Floats) -> tuple[Floats, Floats]:
    """Latencies in order and the share slower than each, evenly thinned out on the logarithmic axis."""
    ordered = np.sort(latency_ms)
    n = len(ordered)
    slower = np.unique(np.round(np.geomspace(1, n, min(n, DRAWN))).astype(np.int64))[::-1] - 1
    return ordered[n - 1 - slower], slower / n
