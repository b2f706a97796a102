"""Carbon intensity of every region over time."""

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats, Instance
from planner.plots.calendar import by_day, day_edges
from planner.plots.canvas import LONG_DAYS, canvas, date_axis, days, period_starts
from planner.plots.palette import OTHER
from planner.plots.styles import COLOURS


def plot_carbon_traces(instance: Instance, ax: Axes | None = None) -> Axes:
    """A line per region in g CO2e/kWh, daily means beyond three weeks; the cleanest six in colour, others grey."""
    ax = canvas(ax, width=11.0, height=3.6)
    edges, traces = _traces(instance)
    cleanest = np.argsort(traces.mean(axis=1), kind="stable")
    for r in cleanest[: len(COLOURS) - 1 : -1]:
        ax.stairs(traces[r], edges, baseline=None, color=OTHER, linewidth=0.8)
    for r, colour in zip(cleanest, COLOURS, strict=False):
        ax.stairs(traces[r], edges, baseline=None, color=colour, linewidth=1.4, label=instance.regions[r].name)
    others = len(traces) - len(COLOURS)
    if others > 0:
        ax.plot([], [], color=OTHER, linewidth=0.8, label=f"{others} others")
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(0, 1.05 * float(traces.max()))
    ax.set_ylabel("carbon intensity (gCO$_2$e/kWh)")
    ax.set_title(instance.name + (", daily means" if days(instance) > LONG_DAYS else ""), loc="left", fontsize=10)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    date_axis(ax)
    return ax


def _traces(instance: Instance) -> tuple[Floats, Floats]:
    """Edges as matplotlib dates and (R, ...) values between them."""
    grid = instance.carbon_intensity_g_per_kwh
    if days(instance) <= LONG_DAYS:
        return period_starts(instance), grid
    daily = np.array([np.nanmean(by_day(instance, row), axis=0) for row in grid])
    first, last = day_edges(instance, daily.shape[1])
    return np.arange(first, last + 1), daily
