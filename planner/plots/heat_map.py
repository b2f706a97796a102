"""Regions x hours: carbon intensity, with the chosen region marked. For horizons of days and weeks."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Normal, Stroke

from planner.domain.instance import Bools, Instance, Ints
from planner.plots.canvas import date_axis, edges, period_starts
from planner.plots.palette import CARBON

CLOSED = "#D9D9D9"


def draw_heat_map(ax: Axes, instance: Instance, path: Ints, allowed: Bools) -> AxesImage:
    """One map's `path` (T,) over all intensities, cleanest region on top; cells not `allowed` (R,T) are grey."""
    grid = instance.carbon_intensity_g_per_kwh
    order = np.argsort(grid.mean(axis=1), kind="stable")
    extent = (*edges(instance), len(order) - 0.5, -0.5)
    image = ax.imshow(
        grid[order], cmap=CARBON, norm=PowerNorm(0.5, vmin=0), aspect="auto", interpolation="nearest", extent=extent
    )  # the square root spreads the clean end, where the choice is made
    shade = np.ma.masked_where(allowed[order], np.ones(grid.shape))
    ax.imshow(shade, cmap=ListedColormap([CLOSED]), aspect="auto", interpolation="nearest", extent=extent)
    marker = _mark(ax, instance, np.argsort(order)[path])
    ax.set_yticks(range(len(order)), [instance.regions[r].name for r in order], fontsize=8 if len(order) > 15 else 9)
    date_axis(ax)
    closed = [] if allowed.all() else [Patch(color=CLOSED, label="cannot serve every request")]
    ax.legend(
        handles=[marker, *closed],
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        ncols=2,
        frameon=False,
        borderaxespad=1.5,
    )
    return image


def _mark(ax: Axes, instance: Instance, rank: Ints) -> Artist:
    """A bar through the chosen cells, joined by hairlines; the legend's sample of it."""
    edges = period_starts(instance)
    begins = np.flatnonzero(np.diff(rank, prepend=-1))
    ends = np.append(begins[1:], len(rank))
    casing = [Stroke(linewidth=5.0, foreground="black"), Normal()]
    style: dict[str, Any] = {"color": "white", "linewidth": 2.6, "path_effects": casing}
    ax.stairs(rank, edges, baseline=None, color="white", linewidth=0.8)
    ax.hlines(rank[begins], edges[begins], edges[ends], **style)
    return Line2D([], [], label="chosen region", **style)
