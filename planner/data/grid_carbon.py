"""Synthetic carbon intensity with the statistics of real grids: daily shape, weekends, weather that lasts days.

A zone's hour is mean[month, hour of day] x weekend factor + a residual of the day + one of the hour, both AR(1); the
innovations of the day are correlated between zones. Statistics: `grid_profiles.json`, fitted to 2021-2023.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

import numpy as np

from planner.domain.instance import Floats, Ints

DECIMALS = 1  # of the source; rounding also hides what a platform's last bit may differ in


@dataclass(frozen=True, slots=True, eq=False)
class GridProfiles:
    """Statistics of Z zones: `mean` (Z,12,24) g/kWh by month and hour, (Z,) factors, `correlation` (Z,Z)."""

    zones: tuple[str, ...]
    mean: Floats
    weekend_factor: Floats
    daily_ar1: Floats
    daily_sd: Floats
    hourly_ar1: Floats
    hourly_sd: Floats
    lowest: Floats
    highest: Floats
    correlation: Floats
    attribution: str

    def take(self, zones: list[str]) -> "GridProfiles":
        """The same statistics of some zones, in the order asked."""
        at = np.array([self.zones.index(z) for z in zones], dtype=np.int64)
        return GridProfiles(
            zones=tuple(zones),
            mean=self.mean[at],
            weekend_factor=self.weekend_factor[at],
            daily_ar1=self.daily_ar1[at],
            daily_sd=self.daily_sd[at],
            hourly_ar1=self.hourly_ar1[at],
            hourly_sd=self.hourly_sd[at],
            lowest=self.lowest[at],
            highest=self.highest[at],
            correlation=self.correlation[np.ix_(at, at)],
            attribution=self.attribution,
        )


@cache
def grid_profiles() -> GridProfiles:
    """The statistics that travel with the package."""
    document = json.loads((files("planner.data") / "grid_profiles.json").read_text(encoding="utf-8"))
    zones = document["zones"]

    def column(key: str) -> Floats:
        return np.array([zone[key] for zone in zones.values()], dtype=np.float64)

    return GridProfiles(
        zones=tuple(zones),
        mean=column("mean_by_month_hour"),
        weekend_factor=column("weekend_factor"),
        daily_ar1=column("daily_ar1"),
        daily_sd=column("daily_sd"),
        hourly_ar1=column("hourly_ar1"),
        hourly_sd=column("hourly_sd"),
        lowest=column("min"),
        highest=column("max"),
        correlation=np.array(document["daily_innovation_correlation"]),
        attribution=document["attribution"],
    )


def synthetic_carbon(
    profiles: GridProfiles, start: datetime, *, hours: int, step_minutes: int, draw: np.random.Generator
) -> Floats:
    """(Z,T) carbon intensity in g/kWh from `start`, a midnight in UTC; between hours it is interpolated."""
    hourly = _expected(profiles, start, hours + 1) + _residuals(profiles, hours + 1, draw)
    hourly = np.clip(hourly, profiles.lowest[:, None], profiles.highest[:, None])
    at = np.arange(hours * 60 // step_minutes) * (step_minutes / 60)
    return np.round([np.interp(at, np.arange(hours + 1), row) for row in hourly], DECIMALS)


def _expected(profiles: GridProfiles, start: datetime, hours: int) -> Floats:
    """(Z,hours) mean of each hour; weekday and weekend factors leave the mean of a week as fitted."""
    times = [start + timedelta(hours=h) for h in range(hours)]
    weekday = 7 / (5 + 2 * profiles.weekend_factor)
    weekend = np.array([t.weekday() >= 5 for t in times])
    factor = np.where(weekend, (weekday * profiles.weekend_factor)[:, None], weekday[:, None])
    return np.asarray(profiles.mean[:, _ints(t.month - 1 for t in times), _ints(t.hour for t in times)] * factor)


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)


def _residuals(profiles: GridProfiles, hours: int, draw: np.random.Generator) -> Floats:
    days, zones = -(-hours // 24), len(profiles.zones)
    mixed = draw.standard_normal((days, zones)) @ np.linalg.cholesky(profiles.correlation).T
    daily = _ar1(mixed, profiles.daily_ar1, profiles.daily_sd)
    hourly = _ar1(draw.standard_normal((hours, zones)), profiles.hourly_ar1, profiles.hourly_sd)
    return np.asarray((np.repeat(daily, 24, axis=0)[:hours] + hourly).T)


def _ar1(innovations: Floats, coefficient: Floats, sd: Floats) -> Floats:
    """(n,Z) stationary AR(1) series of the given standard deviations, from standard normal innovations."""
    series = innovations * sd
    fresh = np.sqrt(1 - coefficient**2)
    for i in range(1, len(series)):
        series[i] = coefficient * series[i - 1] + fresh * series[i]
    return series
