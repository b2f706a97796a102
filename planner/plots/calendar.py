"""Days x hours of the day: the chosen region in colour, and the carbon intensity it gives. For months and years."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, Normalize

from planner.domain.instance import Floats, Instance, Ints
from planner.plots.canvas import as_date, date_axis

MINUTES = 24 * 60


def by_day(instance: Instance, values: Floats) -> Floats:
    """(T,) -> (periods of a day, days), days in UTC, NaN where the horizon covers a day in part."""
    per_day = MINUTES // instance.step_minutes
    before = (instance.start.hour * 60 + instance.start.minute) // instance.step_minutes
    after = -(before + len(values)) % per_day
    return np.pad(values.astype(np.float64), (before, after), constant_values=np.nan).reshape(-1, per_day).T


def day_edges(instance: Instance, days: int) -> tuple[float, float]:
    """First midnight and the one after the last day, as matplotlib dates."""
    first = float(np.floor(as_date(instance.start)))
    return first, first + days


def draw_calendar(ax: Axes, instance: Instance, path: Ints, colours: dict[int, str]) -> None:
    """One map's `path` (T,): day on x, hour of the day on y, `colours` by region index."""
    ranks = {region: i for i, region in enumerate(colours)}
    cells = by_day(instance, np.array([ranks[int(r)] for r in path], dtype=np.float64))
    extent = (*day_edges(instance, cells.shape[1]), 24, 0)
    palette = ListedColormap(list(colours.values()))
    whole = Normalize(-0.5, len(ranks) - 0.5)  # one colour per rank
    ax.imshow(cells, cmap=palette, norm=whole, aspect="auto", interpolation="nearest", extent=extent)
    ax.set_yticks(range(0, 25, 6))
    ax.set_ylabel("hour of day (UTC)")
    date_axis(ax)
    ax.set_xlabel("")
    ax.tick_params(labelbottom=False)  # the dates stand under the strip below
    ax.xaxis.get_offset_text().set_visible(False)


def draw_daily_intensity(ax: Axes, instance: Instance, path: Ints, fixed: int | None) -> None:
    """Daily means: the map's carbon intensity against that of the best region to stay in."""
    grid = instance.carbon_intensity_g_per_kwh
    chosen = np.nanmean(by_day(instance, grid[path, np.arange(len(path))]), axis=0)
    first, last = day_edges(instance, len(chosen))
    days = np.arange(first, last + 1)
    if fixed is not None:
        stay, name = np.nanmean(by_day(instance, grid[fixed]), axis=0), f"always {instance.regions[fixed].name}"
        ax.stairs(stay, days, baseline=None, color="#767676", linewidth=1.2, label=name)
    ax.stairs(chosen, days, baseline=None, color="black", linewidth=1.4, label="this map")
    ax.set_xlim(first, last)
    ax.set_ylim(0, 1.1 * ax.dataLim.ymax)
    ax.set_ylabel("g/kWh")
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.legend(title="daily mean", loc="upper left", bbox_to_anchor=(1.0, 1.0), alignment="left", frameon=False)
    date_axis(ax)
