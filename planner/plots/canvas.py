"""Axes to draw on, and the time axis that pictures over periods share."""

from datetime import UTC, datetime
from typing import cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure

from planner.domain.instance import Floats, Instance

LONG_DAYS = 21  # a longer horizon is shown by days


def canvas(ax: Axes | None, *, width: float, height: float) -> Axes:
    """The given axes, or the only ones of a new figure (inches)."""
    if ax is not None:
        return ax
    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def figure_of(ax: Axes) -> Figure:
    """The whole figure that axes stand in."""
    return cast("Figure", ax.get_figure(root=True))


def days(instance: Instance) -> float:
    """Length of the horizon."""
    return instance.periods * instance.step_minutes / (24 * 60)


def as_date(moment: datetime) -> float:
    """A moment as matplotlib counts it, in days."""
    return float(date2num(moment))


def edges(instance: Instance) -> tuple[float, float]:
    """Start and end of the horizon as matplotlib dates."""
    return as_date(instance.start), as_date(instance.time(instance.periods))


def period_starts(instance: Instance) -> Floats:
    """(T+1,) the edges of the periods as matplotlib dates."""
    first, last = edges(instance)
    return first + (last - first) * (np.arange(instance.periods + 1) / instance.periods)


def date_axis(ax: Axes) -> None:
    """UTC dates along x, as few as can be read: weekdays within a month, months within a year."""
    locator = AutoDateLocator(tz=UTC, minticks=4, maxticks=9)
    formatter = ConciseDateFormatter(locator, tz=UTC)
    formatter.formats[2], formatter.zero_formats[2:4] = "%a %d", ["%a %d %b", "%a %d %b"]
    formatter.offset_formats[2:4] = ["%Y", "%Y"]
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(formatter)
    ax.set_xlabel("time (UTC)")
