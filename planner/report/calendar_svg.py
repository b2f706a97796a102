"""Calendars as inline SVG: a row per day, the chosen region in colour. Months where the horizon is long."""

from datetime import timedelta
from html import escape
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import Instance, Ints
from planner.plots.calendar import by_day
from planner.plots.canvas import LONG_DAYS, days

HOURS = "".join(f"<span>{hour}</span>" for hour in ("0", "6", "12", "18", "24 h"))
Cells = NDArray[np.float64]  # (days, periods of a day): region index, NaN outside the horizon


def calendars(instance: Instance, path: Ints, colours: dict[int, str], title: str) -> str:
    """HTML of one map's `path` (T,): one block, or one per month beyond three weeks."""
    cells = by_day(instance, path.astype(np.float64)).T
    midnight = instance.start.replace(hour=0, minute=0, second=0, microsecond=0)
    dates = [midnight + timedelta(days=d) for d in range(len(cells))]
    by_month = days(instance) > LONG_DAYS
    blocks = []
    for _, group in groupby(range(len(cells)), key=lambda d: (dates[d].year, dates[d].month) if by_month else None):
        of_block = list(group)
        caption = f"{dates[of_block[0]]:%B %Y}" if by_month else ""
        labels = [f"{dates[d].day}" if by_month and dates[d].day % 7 == 1 else "" for d in of_block]
        labels = labels if by_month else [f"{dates[d]:%a %d %b}" for d in of_block]
        blocks.append(_block(instance, cells[of_block], colours, labels, caption=caption, title=title))
    return f'<div class="blocks{" months" if by_month else ""}">{"".join(blocks)}</div>'


def _block(
    instance: Instance, cells: Cells, colours: dict[int, str], labels: list[str], *, caption: str, title: str
) -> str:
    rows, columns = cells.shape
    height = rows * (0.45 if caption else 1.6)  # rem
    picture = "".join(_cells_of(instance, cells, region, colour) for region, colour in colours.items())
    head = f"<figcaption>{caption}</figcaption>" if caption else ""
    said = escape(f"{title}{', ' + caption if caption else ''}: chosen region by day and hour, see the table of hours")
    return (
        f'<figure>{head}<div class="block"><div class="rows" aria-hidden="true">'
        f"{''.join(f'<span>{label}</span>' for label in labels)}</div>"
        f'<svg role="img" aria-label="{said}" viewBox="0 0 {columns} {rows}" preserveAspectRatio="none" '
        f'shape-rendering="crispEdges" style="height:{height:g}rem">{picture}</svg>'
        f'<div class="axis" aria-hidden="true">{HOURS}</div></div></figure>'
    )


def _cells_of(instance: Instance, cells: Cells, region: int, colour: str) -> str:
    """One path with a rectangle per run of the region within a day."""
    drawn = runs(cells == region)
    title = f"<title>{escape(instance.regions[region].name)}</title>"
    return f'<path fill="{colour}" d="{drawn}">{title}</path>' if drawn else ""


def runs(inside: NDArray[np.bool_]) -> str:
    """The outline of all that is true in (rows, columns): a rectangle per run along a row."""
    change = np.diff(np.pad(inside, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, first = np.nonzero(change == 1)
    last = np.nonzero(change == -1)[1]
    return "".join(f"M{x} {y}h{w}v1h-{w}z" for y, x, w in zip(row, first, last - first, strict=True))
