"""Polished multipliers: judged by the bound that the judge recomputes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.bounds.polish import polish
from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.domain.results import Multipliers
from planner.solve.oracle import bound
from planner.testing.strategies import instances
from planner.verify.bound import lower_bound


def no_prices(instance: Instance) -> Multipliers:
    return Multipliers(np.zeros(instance.servers.shape), np.zeros(len(instance.workloads)))


def stitched(instance: Instance, *, periods: int) -> Multipliers:
    """Capacity prices of windows that know nothing of each other."""
    windows = [slice_periods(instance, t, periods) for t in range(0, instance.periods, periods)]
    capacity = np.concatenate([bound(w)[1].capacity for w in windows], axis=1)
    return replace(no_prices(instance), capacity=capacity)


@pytest.fixture(scope="module")
def relaxed(busy_days: Instance) -> float:
    """The best bound that multipliers can prove."""
    return bound(busy_days)[0]


def test_most_of_a_stitched_gap_closes(busy_days: Instance, relaxed: float) -> None:
    rough = stitched(busy_days, periods=24)
    before = relaxed - lower_bound(busy_days, rough)
    after = relaxed - lower_bound(busy_days, polish(busy_days, rough, gap=before / relaxed))
    assert before > 1e-3 * relaxed
    assert after < 0.02 * before
    assert after > -1e-9 * relaxed


def test_no_prices_at_all_are_start_enough(busy_days: Instance, relaxed: float) -> None:
    found = lower_bound(busy_days, polish(busy_days, no_prices(busy_days)))
    assert relaxed * (1 - 5e-5) < found <= relaxed * (1 + 1e-9)


def test_servers_that_start_and_stop(tight_day: Instance) -> None:
    relaxed, optimal = bound(tight_day)
    found = polish(tight_day, replace(no_prices(tight_day), cuts=optimal.cuts))
    assert found.cuts == optimal.cuts
    assert relaxed * (1 - 1e-3) < lower_bound(tight_day, found) <= relaxed * (1 + 1e-9)


def test_it_ends_at_its_target(busy_days: Instance, relaxed: float) -> None:
    seen: list[float] = []
    target = relaxed * (1 - 3e-3)
    found = polish(busy_days, no_prices(busy_days), target=target, progress=lambda _, value: seen.append(value))
    assert seen == sorted(seen)
    assert seen[-1] == lower_bound(busy_days, found) >= target
    assert all(value < target for value in seen[:-1])


def test_no_time_no_change(busy_days: Instance) -> None:
    given_ = no_prices(busy_days)
    assert polish(busy_days, given_, seconds=0.0) is given_


def test_the_same_start_gives_the_same_prices(busy_days: Instance) -> None:
    target = lower_bound(busy_days, no_prices(busy_days)) * 1.01
    first, second = (polish(busy_days, no_prices(busy_days), target=target) for _ in range(2))
    assert first.capacity.tobytes() == second.capacity.tobytes()


def test_what_proves_nothing_comes_back(busy_days: Instance) -> None:
    endless = busy_days.replace(servers=np.full_like(busy_days.servers, np.inf))
    priced = replace(no_prices(endless), capacity=np.ones_like(endless.servers))
    assert lower_bound(endless, priced) == -np.inf
    assert polish(endless, priced) is priced


def test_pools_without_limit_stay_unpriced(busy_days: Instance) -> None:
    servers = busy_days.servers.copy()
    servers[0] = np.inf
    partly = busy_days.replace(servers=servers)
    found = polish(partly, no_prices(partly), target=lower_bound(partly, no_prices(partly)) * 1.0001)
    assert (found.capacity[0] == 0).all()
    assert lower_bound(partly, found) > lower_bound(partly, no_prices(partly))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances(), st.integers(0, 2**32))
def test_it_never_proves_less_than_it_was_given(instance: Instance, seed: int) -> None:
    capacity = np.random.default_rng(seed).exponential(1e-5, instance.servers.shape)
    given_ = replace(no_prices(instance), capacity=np.where(np.isfinite(instance.servers), capacity, 0.0))
    found = polish(instance, given_, seconds=0.1)
    assert lower_bound(instance, found) >= lower_bound(instance, given_)
    assert min(found.capacity.min(), found.slo.min(), *found.caps.values(), 0.0) == 0.0
