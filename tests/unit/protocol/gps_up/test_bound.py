from datetime import timedelta

import numpy as np
import pytest

from planner.data.faas import FUNCTIONS, START, protocol_days
from planner.errors import UsageError
from planner.protocol.gps_up.bound import least_energy
from planner.protocol.gps_up.grid import Grid


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_the_best_hour_and_region_of_every_invocation(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    day = protocol_days(START, 1, seed=seed)
    seconds, invocations = rng.uniform(0.01, 60, 4), rng.integers(0, 5, (4, 24))
    ci = day.carbon_intensity_g_per_kwh
    expected = sum(
        invocations[f, t] * seconds[f] * ci[:, t : t + slack + 1].min()
        for f, (_, slack, *_) in enumerate(FUNCTIONS.values())
        for t in range(24)
    )
    assert least_energy(Grid(day), invocations, seconds) == pytest.approx(expected, rel=1e-7)


def test_the_power_usage_effectiveness_of_a_region_does_not_count() -> None:
    day = protocol_days(START, 1)
    assert {region.pue for region in day.regions} != {1.0}
    once = np.zeros((4, 24), np.int64)
    once[0, 0] = 1
    lowest = day.carbon_intensity_g_per_kwh[:, 0].min()
    assert least_energy(Grid(day), once, np.ones(4)) == pytest.approx(lowest)


def test_a_grid_knows_hours_only() -> None:
    day = protocol_days(START, 1)
    grid = Grid(day)
    assert grid.hour(START + timedelta(hours=3, minutes=59, seconds=59)) == 3
    assert grid.hour(START - timedelta(seconds=1)) == -1
    assert grid.intensity(np.array([0, 0]), np.array([-1, 99])).tolist() == [
        day.carbon_intensity_g_per_kwh[0, 0],
        day.carbon_intensity_g_per_kwh[0, -1],
    ]
    with pytest.raises(UsageError, match="30 minutes"):
        Grid(day.replace(step_minutes=30))
