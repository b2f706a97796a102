"""What a map comes to: hours per region, switches, mean carbon intensity, and the best region to stay in."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.plan import HourMap
from planner.maps.allowed import allowed_regions


@dataclass(frozen=True, slots=True, eq=False)
class MapSummary:
    """One map of an HourMap. `periods` (R,) spent in each region; intensities are means over time, in g/kWh.

    `best_fixed` is the region of lowest mean among those that may serve every period, None where there is none.
    """

    workload: str | None
    periods: Ints
    switches: int
    carbon_intensity: float
    best_fixed: str | None
    best_fixed_carbon_intensity: float | None

    @property
    def below_best_fixed(self) -> float | None:
        """Share by which the map lies below the best fixed region (negative: above), None without one."""
        fixed = self.best_fixed_carbon_intensity
        return 1 - self.carbon_intensity / fixed if fixed else None


def chosen_carbon_intensity(instance: Instance, hour_map: HourMap) -> Floats:
    """(M,T) carbon intensity of the chosen region, g/kWh."""
    return np.asarray(instance.carbon_intensity_g_per_kwh[hour_map.region, np.arange(instance.periods)])


def summarise(instance: Instance, hour_map: HourMap) -> tuple[MapSummary, ...]:
    """One summary per map: the whole, or each workload's."""
    names = [w.name for w in instance.workloads] if hour_map.per_workload else [None]
    allowed = allowed_regions(instance, per_workload=hour_map.per_workload)
    return tuple(_summary(instance, *each) for each in zip(names, hour_map.region, allowed, strict=True))


def _summary(instance: Instance, workload: str | None, path: Ints, allowed: Bools) -> MapSummary:
    grid = instance.carbon_intensity_g_per_kwh
    fixed = best_fixed_region(instance, allowed)
    return MapSummary(
        workload=workload,
        periods=np.bincount(path, minlength=len(grid)),
        switches=int((path[1:] != path[:-1]).sum()),
        carbon_intensity=float(grid[path, np.arange(len(path))].mean()),
        best_fixed=None if fixed is None else instance.regions[fixed].name,
        best_fixed_carbon_intensity=None if fixed is None else float(grid[fixed].mean()),
    )


def best_fixed_region(instance: Instance, allowed: Bools) -> int | None:
    """The region of lowest mean carbon intensity among those allowed in every period, `allowed` being (R,T)."""
    always = np.flatnonzero(allowed.all(axis=1))
    means = instance.carbon_intensity_g_per_kwh[always].mean(axis=1)
    return int(always[means.argmin()]) if len(always) else None
