"""Rules that choose when: the hours of Wait Awhile and of GAIA."""

from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance, Region
from planner.domain.protocols import Regime
from planner.errors import PolicyError, UsageError
from planner.policies.gaia import Gaia
from planner.policies.wait_awhile import WaitAwhile
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, job, small, workload

POLICIES = ("wait-awhile", "gaia:rule=lowest-slot", "gaia:rule=lowest-window", "gaia:rule=carbon-time")


def ran(instance: Instance, policy: str, forecast: str = "perfect") -> list[tuple[int, int]]:
    """(period, pool) of each line of the plan, in order."""
    result = replay(instance, policy, forecast=forecast)
    assert result.verdict.violations == ()
    return sorted(zip(result.plan.period.tolist(), result.plan.pool.tolist(), strict=True))


def one_job(carbon: list[list[float]], *, length: int, contiguous: bool = True, **changes: Any) -> Instance:
    """A single job that may use the whole horizon, without limit of capacity."""
    periods = len(carbon[0])
    only = job("j", release=0, deadline=periods - 1, length=length, contiguous=contiguous)
    return small(carbon, np.zeros((1, 1, periods)), jobs=(only,), **changes)


@pytest.mark.parametrize("policy", POLICIES)
def test_conformance(policy: str) -> None:
    check_policy(policy)
    check_policy(policy, forecast="perfect")


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=6, deadline=None)
@given(instance=instances())
def test_conformance_on_random_instances(policy: str, instance: Instance) -> None:
    check_policy(policy, [instance])


def test_interruptible_work_takes_the_cleanest_hours() -> None:
    assert ran(one_job([[5, 1, 9, 2, 9, 3]], length=3, contiguous=False), "wait-awhile") == [(1, 0), (3, 0), (5, 0)]


def test_other_work_takes_the_cleanest_window() -> None:
    assert ran(one_job([[9, 1, 8, 3, 3, 3]], length=3), "wait-awhile") == [(3, 0)]
    assert ran(one_job([[9, 1, 8, 3, 3, 3]], length=3), "gaia:rule=lowest-window") == [(3, 0)]


def test_the_lowest_slot_looks_at_the_first_hour_alone() -> None:
    assert ran(one_job([[9, 1, 8, 3, 3, 3]], length=3), "gaia:rule=lowest-slot") == [(1, 0)]


def test_carbon_time_weighs_savings_against_the_wait() -> None:
    # Saved per hour from release to completion: 4 / 2 at hour 1, 6 / 5 at hour 4.
    carbon = [[10, 6, 9, 9, 4, 9]]
    assert ran(one_job(carbon, length=1), "gaia:rule=carbon-time") == [(1, 0)]
    assert ran(one_job(carbon, length=1), "gaia:rule=lowest-window") == [(4, 0)]


def test_carbon_time_remembers_what_it_would_have_emitted_at_release() -> None:
    # Hour 3 saves 80 / 4, hour 2 only 55 / 3; against hour 1 instead, hour 2 would win with 95 / 2 against 120 / 3.
    assert ran(one_job([[100, 140, 45, 20]], length=1), "gaia:rule=carbon-time") == [(3, 0)]


def test_carbon_time_does_not_wait_for_nothing() -> None:
    assert ran(one_job([[5, 5, 6, 7]], length=2), "gaia:rule=carbon-time") == [(0, 0)]


def test_gaia_does_not_interrupt() -> None:
    pieces = one_job([[9, 1, 8, 3, 3, 3]], length=3, contiguous=False)
    assert ran(pieces, "gaia:rule=lowest-slot") == [(1, 0), (2, 0), (3, 0)]


def test_the_region_is_that_of_the_cleanest_window() -> None:
    assert ran(one_job([[9, 1, 9, 9], [9, 4, 4, 9]], length=2), "gaia:rule=lowest-window") == [(1, 1)]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_full_region_is_waited_for_rather_than_a_dirtier_one_taken(policy: str) -> None:
    patient, hours = workload("w0", slack_periods=1), 60
    counts = np.zeros(hours)
    counts[30] = 2 * HOUR
    servers = np.repeat([[1.0], [3.0]], hours, axis=1)
    instance = small([[100] * hours, [900] * hours], counts, workloads=(patient,), servers=servers)
    assert ran(instance, policy) == [(30, 0), (31, 0)]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_forecast_is_needed(policy: str) -> None:
    rule = WaitAwhile if policy == "wait-awhile" else Gaia

    class Blind(rule):  # type: ignore[misc, valid-type]
        regime: ClassVar[Regime] = "none"

    with pytest.raises(PolicyError, match="needs a forecast"):
        replay(small([[100]], [1]), Blind(small([[100]], [1])))


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="lowest-window"):
        replay(small([[100]], [1]), "gaia:rule=highest")


carbon_series = st.lists(st.integers(0, 300), min_size=12, max_size=12)


@settings(max_examples=30, deadline=None)
@given(carbon=st.lists(carbon_series, min_size=1, max_size=3), length=st.integers(3, 6))
def test_lowest_window_is_optimal_for_one_job_without_limits(carbon: list[list[float]], length: int) -> None:
    """Acceptance: one uncapacitated contiguous job of length 3 and more, perfect forecast, PUEs that differ."""
    regions = tuple(Region(f"r{i}", f"r{i}", pue=1 + 0.1 * i) for i in range(len(carbon)))
    instance = one_job(carbon, length=length, regions=regions)
    run = replay(instance, "gaia:rule=lowest-window", forecast="perfect")
    assert run.verdict.violations == ()
    assert run.verdict.objective.total == pytest.approx(solve(instance, gap=1e-9).objective.total, rel=1e-9, abs=1e-9)


@settings(max_examples=30, deadline=None)
@given(carbon=st.lists(carbon_series, min_size=1, max_size=3), length=st.integers(1, 6))
def test_wait_awhile_is_optimal_for_one_interruptible_job(carbon: list[list[float]], length: int) -> None:
    instance = one_job(carbon, length=length, contiguous=False)
    run = replay(instance, "wait-awhile", forecast="perfect")
    assert run.verdict.objective.total == pytest.approx(solve(instance, gap=1e-9).objective.total, rel=1e-9, abs=1e-9)
