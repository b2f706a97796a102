"""Values that no grid has, or not this one: pounds for grams, kilograms for grams, the series of another zone."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.readings import Finding, Readings
from planner.domain.instance import Floats

HIGHEST = 1500.0  # g/kWh: above lignite and oil, life cycle included
KILOGRAMS = 2.0  # above what any grid emits in kg/kWh; some clean grids are below it in g/kWh
TYPICAL = (0.2, 2.05)  # a month's mean over the typical: 12 zones of 2021 to 2023 lie between 0.31 and 1.99
ENOUGH_DAYS = 14
REMEDY = "g/kWh (--unit lbs/MWh or kg/kWh converts; --unit g/kWh says that it is right)"


def scale(readings: Readings, handling: Handling) -> Iterator[Finding]:
    """Values too large or too small to be g/kWh, unless the user has said the unit or there is none."""
    if handling.unit is not None or readings.computed or np.isnan(readings.values).all():
        return
    values = readings.values
    high = np.flatnonzero(values > HIGHEST)
    if high.size:
        found = f"{values[high[0]]:g}, more than any grid emits: lbs/MWh?"
        yield Finding("unit", readings.zone, readings.where[high[0]], found, REMEDY, int(high.size))
    if 0 < np.nanmax(values) < KILOGRAMS:
        found = f"no value above {np.nanmax(values):g}: kg/kWh?"
        yield Finding("unit", readings.zone, readings.where[0], found, REMEDY, len(values))
        return
    stray = [i for i in np.flatnonzero((values > 0) & (values < KILOGRAMS)).tolist() if _is_in_kilograms(values, i)]
    if stray:
        found = f"{values[stray[0]]:g} among values near {_near(values, stray[0]):.3g}: kg/kWh?"
        yield Finding("unit", readings.zone, readings.where[stray[0]], found, REMEDY, len(stray))


def _is_in_kilograms(values: Floats, i: int) -> bool:
    """Whether a small value, times 1000, is like the nearest larger one; a clean grid's small values are not."""
    return bool(0.4 < 1000 * values[i] / _near(values, i) < 2.5)


def _near(values: Floats, i: int) -> float:
    """The nearest value too large for kg/kWh, which there is: before the row, else after it."""
    before, after = values[:i], values[i:]
    larger = before[before >= KILOGRAMS][-1:] if (before >= KILOGRAMS).any() else after[after >= KILOGRAMS][:1]
    return float(larger[0])


def level(readings: Readings, handling: Handling) -> Iterator[Finding]:
    """Months whose mean is far from what is typical of the zone, where that is known."""
    typical = _typical().get(readings.zone)
    if typical is None or handling.unit is not None or (readings.kind.signal, readings.kind.scope) != _PROFILED:
        return
    known = ~np.isnan(readings.values) & ~np.isnat(readings.times)
    months = readings.times[known].astype("datetime64[M]")
    hours = readings.times[known].astype("datetime64[h]").astype(np.int64) % 24
    of_year = months.astype(np.int64) % 12
    for month in np.unique(months):
        rows = months == month
        if np.unique(readings.times[known][rows].astype("datetime64[D]")).size < ENOUGH_DAYS:
            continue
        usual = float(typical[of_year[rows], hours[rows]].mean())
        mean = float(readings.values[known][rows].mean())
        if not TYPICAL[0] < mean / usual < TYPICAL[1]:
            at = readings.where[int(np.flatnonzero(known)[rows.argmax()])]
            found = f"a mean of {mean:.4g} in {month}, where {usual:.4g} is typical{_guess(mean / usual)}"
            yield Finding("level", readings.zone, at, found, f"values of {readings.zone} in {REMEDY}", int(rows.sum()))


_PROFILED = ("average", "direct")


def _guess(ratio: float) -> str:
    return ": lbs/MWh?" if 1.8 < ratio < 2.7 else ": another zone?"


@cache
def _typical() -> dict[str, Floats]:
    """(12,24) typical direct carbon intensity by month and hour (UTC), per zone."""
    text = (files("planner.data") / "grid_profiles.json").read_text(encoding="utf-8")
    zones: dict[str, Any] = json.loads(text)["zones"]
    return {name: np.array(zone["mean_by_month_hour"]) for name, zone in zones.items()}
