from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.instance import HourMapRule, Instance, Profile, Variant, Workload
from planner.maps.constrained import constrained_map
from planner.maps.scenario_b import lowest_carbon_map

Maker = Callable[..., Instance]


@pytest.mark.parametrize("server_seconds", [3600.0, 0.01])  # a request of a server-hour, and of next to nothing
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32 - 1), st.one_of(st.none(), st.integers(0, 3)), st.integers(1, 4))
def test_without_coupling_the_programme_equals_the_milp(
    uncoupled: Maker, server_seconds: float, seed: int, max_switches: int | None, min_dwell: int
) -> None:
    work = Workload("only", (Variant("model", {"server": Profile(10.0, 0.0, server_seconds, 3.6e6)}),))
    instance = uncoupled(np.random.default_rng(seed).uniform(10, 500, (3, 8)), workloads=(work,))
    rule = HourMapRule(max_switches=max_switches, min_dwell_periods=min_dwell)
    plain = lowest_carbon_map(instance, rule)
    coupled, result = constrained_map(instance, rule, gap=1e-9)
    total_kg = instance.carbon_intensity_g_per_kwh[plain.region[0], np.arange(8)].sum() / 1e3  # one kWh an hour
    assert result.objective.carbon_kg == pytest.approx(total_kg, rel=1e-9)
    assert (coupled.region == plain.region).all()


def test_capacity_moves_the_map(uncoupled: Maker) -> None:
    carbon = np.array([[10.0, 10.0, 10.0, 10.0], [20.0, 20.0, 20.0, 20.0]])
    servers = np.array([[1.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0]])
    instance = uncoupled(carbon, servers=servers)
    found, result = constrained_map(instance, HourMapRule(max_switches=1))
    assert list(found.region[0]) in ([0, 0, 1, 1], [1, 1, 1, 0])
    assert result.plan.hour_map is not None
    assert result.objective.carbon_kg == pytest.approx(0.06)
