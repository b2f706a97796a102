"""Regret over time: what each policy has emitted more than the optimum so far."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from planner.domain.instance import Floats, Instance
from planner.plots.canvas import canvas, date_axis, edges, period_starts
from planner.plots.styles import lines
from planner.plots.units import scaled_mass

Row = tuple[str, Floats]


def plot_regret(instance: Instance, rows: Sequence[Row], optimum: Floats, ax: Axes | None = None) -> Axes:
    """A line per (name, carbon by period (T,) in kg): the running sum of its difference to the `optimum` (T,).

    It may dip below zero where a policy waits longer than the optimum; it ends at what the policy emits more in all.
    """
    ax = canvas(ax, width=11.0, height=4.2)
    running = {name: np.cumsum(kg - optimum) for name, kg in rows}
    factor, unit = scaled_mass(max((float(np.abs(line).max()) for line in running.values()), default=0.0))
    starts = period_starts(instance)
    order = sorted(running, key=lambda name: -float(running[name][-1]))
    for name, (colour, dash) in zip(order, lines(), strict=False):
        line = np.concatenate([[0.0], running[name]]) * factor
        ax.plot(starts, line, color=colour, linestyle=dash, linewidth=1.5, label=f"{name}  {line[-1]:+.3g}")
    ax.axhline(0, color="black", linewidth=1.0)
    ax.set_xlim(*edges(instance))
    ax.set_ylabel(f"emitted more than the optimum ({unit})")
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=9 if len(order) <= 14 else 7,
        title=f"at the end, {unit}",
    )
    date_axis(ax)
    return ax
