"""The picture of an hour map: readable for a day, a week and a year."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from planner.domain.instance import Instance
from planner.domain.plan import HourMap
from planner.maps.allowed import allowed_regions
from planner.maps.summary import MapSummary, best_fixed_region, summarise
from planner.plots.calendar import draw_calendar, draw_daily_intensity
from planner.plots.canvas import LONG_DAYS, canvas, days
from planner.plots.heat_map import draw_heat_map
from planner.plots.palette import OTHER, region_colours

WIDTH = 11.0  # inches


def plot_hour_map(instance: Instance, hour_map: HourMap, ax: Axes | None = None) -> Axes:
    """Draw every map of `hour_map`, one above the other; UTC, g CO2e/kWh.

    Up to three weeks: regions x periods, carbon intensity in colour, the chosen region as a white line, grey where a
    region cannot serve every request of the period. Longer: days x hours of the day, the chosen region in colour, over
    the daily mean intensity. Without `ax` on a figure of its own.
    """
    return _long(instance, hour_map, ax) if days(instance) > LONG_DAYS else _short(instance, hour_map, ax)


def _short(instance: Instance, hour_map: HourMap, ax: Axes | None) -> Axes:
    maps = len(hour_map.region)
    host = canvas(ax, width=WIDTH, height=0.9 + maps * (0.9 + max(1.6, 0.24 * len(instance.regions))))
    panels = _panels(host, [1.0] * maps, [0.5] * maps)
    allowed = allowed_regions(instance, per_workload=hour_map.per_workload)
    for m, (panel, summary) in enumerate(zip(panels, summarise(instance, hour_map), strict=True)):
        image = draw_heat_map(panel, instance, hour_map.region[m], allowed[m])
        panel.set_title(_caption(instance, summary), loc="left", fontsize=10)
    host.figure.colorbar(image, ax=host, label="carbon intensity (gCO$_2$e/kWh)", pad=0.01, fraction=0.03)
    return host


def _long(instance: Instance, hour_map: HourMap, ax: Axes | None) -> Axes:
    maps = len(hour_map.region)
    host = canvas(ax, width=WIDTH, height=0.3 + maps * 4.4)
    panels = _panels(host, [2.4, 1.0] * maps, [0.15, 0.9] * maps)
    allowed = allowed_regions(instance, per_workload=hour_map.per_workload)
    colours = region_colours(hour_map)
    for m, summary in enumerate(summarise(instance, hour_map)):
        calendar, daily = panels[2 * m : 2 * m + 2]
        draw_calendar(calendar, instance, hour_map.region[m], colours)
        draw_daily_intensity(daily, instance, hour_map.region[m], best_fixed_region(instance, allowed[m]))
        calendar.set_title(_caption(instance, summary), loc="left", fontsize=10)
        shares = _shares(instance, summary, colours)
        calendar.legend(handles=shares, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return host


def _panels(host: Axes, heights: list[float], gaps: list[float]) -> list[Axes]:
    """The host itself for one panel, or panels within it from the top, each with a gap below (relative sizes)."""
    if len(heights) == 1:
        return [host]
    host.set_axis_off()
    tops = np.concatenate([[0.0], np.cumsum(np.add(heights, gaps))])
    total = tops[-1] - gaps[-1]
    return [host.inset_axes((0, 1 - (top + h) / total, 1, h / total)) for top, h in zip(tops, heights, strict=False)]


def _caption(instance: Instance, summary: MapSummary) -> str:
    name = instance.name if summary.workload is None else f"{instance.name}, {summary.workload}"
    fixed = f" (always {summary.best_fixed}: {summary.best_fixed_carbon_intensity:.4g})" if summary.best_fixed else ""
    return f"{name}\nmean {summary.carbon_intensity:.4g} g/kWh{fixed}, switches: {summary.switches}"


def _shares(instance: Instance, summary: MapSummary, colours: dict[int, str]) -> list[Patch]:
    """Legend of one map: regions by share of the time; what has no colour of its own together."""
    hours = summary.periods * instance.step_hours

    def entry(colour: str, name: str, spent: float) -> Patch:
        return Patch(color=colour, label=f"{name}  {spent / hours.sum():.1%}, {spent:,.0f} h")

    used = [r for r in colours if hours[r] > 0]
    rest = [r for r in used if colours[r] == OTHER]
    entries = [entry(colours[r], instance.regions[r].name, hours[r]) for r in used if colours[r] != OTHER]
    return [*entries, entry(OTHER, f"{len(rest)} others", hours[rest].sum())] if rest else entries
