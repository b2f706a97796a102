"""Hour by region on one instance: how clean the grid is, where the oracle places the work and where policies do."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from planner.bounds.anchors import load
from planner.domain.instance import Floats, Instance, Ints
from planner.domain.plan import Plan

LEVELS = 9
MOST_CELLS = 12_000  # of a panel: four weeks of eighteen regions
NOTHING = 5e-4  # a smaller share of the largest load has no colour


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A plan under the name of who made it."""

    name: str
    plan: Plan


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What the map is made of: an instance, the plans on it, and sentences on how they came about.

    `forecast` and `seed` are what the task's forecaster is made of.
    """

    label: str
    instance: Instance
    plans: tuple[Placed, ...]
    told: tuple[str, ...] = ()
    forecast: str = "persistence"
    seed: int = 0

    @property
    def periods(self) -> int:
        """As many as a page holds, from the first."""
        return min(self.instance.periods, MOST_CELLS // len(self.instance.regions))


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One picture of the map: values (R,T) and their levels of colour (R,T), -1 for none.

    Values are g CO2e/kWh where `intensity`, else shares of the largest load of any plan.
    """

    title: str
    values: Floats
    level: Ints
    intensity: bool
    legend: str

    @property
    def style(self) -> str:
        """The class of its marks."""
        return "ci" if self.intensity else "load"

    def written(self, value: float) -> str:
        """A value for people."""
        return f"{value:.1f}" if self.intensity else f"{100 * value:.1f} %"


@dataclass(frozen=True, slots=True)
class Day:
    """A day (UTC) of the map: its name, its first period and the one after its last."""

    name: str
    first: int
    end: int


def panels(shown: Shown) -> list[Panel]:
    """Carbon intensity, then the load of each plan."""
    return [_intensity(shown), *_loads(shown)]


def days(shown: Shown) -> list[Day]:
    """The days that the map shows, the first and the last perhaps in part."""
    found = []
    for date, group in groupby(range(shown.periods), key=lambda t: shown.instance.time(t).date()):
        of_day = list(group)
        found.append(Day(f"{date:%a %d %b}", of_day[0], of_day[-1] + 1))
    return found


def _intensity(shown: Shown) -> Panel:
    values = shown.instance.carbon_intensity_g_per_kwh[:, : shown.periods]
    low, high = float(values.min()), float(values.max())
    level = _levels((values - low) / max(high - low, 1e-300))
    return Panel("carbon intensity", values, level, intensity=True, legend=f"{low:.0f} to {high:.0f} g CO2e/kWh")


def _loads(shown: Shown) -> list[Panel]:
    works = [_work(shown.instance, placed.plan)[:, : shown.periods] for placed in shown.plans]
    shares = _of_largest(works)
    legend = "0 to 100 % of the largest load of a region in a period"
    return [
        Panel(placed.name, share, np.where(share > NOTHING, _levels(share), -1), intensity=False, legend=legend)
        for placed, share in zip(shown.plans, shares, strict=True)
    ]


def _of_largest(works: Sequence[Floats]) -> list[Floats]:
    most = max((float(work.max(initial=0.0)) for work in works), default=0.0) or 1.0
    return [work / most for work in works]


def _levels(share: Floats) -> Ints:
    return np.minimum(LEVELS - 1, share * LEVELS).astype(np.int64)


def _work(instance: Instance, plan: Plan) -> Floats:
    """(R,T) server-seconds."""
    out = np.zeros((len(instance.regions), instance.periods))
    np.add.at(out, instance.pool_region, load(instance, plan))
    return out
