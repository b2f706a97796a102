"""The request-level bound: against enumeration, its certificate, and beneath every policy."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from planner.data.five_region import five_region_week
from planner.domain.instance import Instance, Weights
from planner.errors import BoundAboveObjective
from planner.metrics.intervals import interval
from planner.metrics.request_bound import RequestOracle
from planner.metrics.request_level import STUDY, request_gaps, request_rows
from planner.replay.requests import Crowd
from planner.testing.strategies import instances
from tests.unit.replay.small import job, small, workload

HOURLY = ("latency-first", "greedy", "constrained-hybrid")


def noisy(seed: int) -> Instance:
    """Two workloads of a few requests on three regions of which the clean ones are far; one of them may wait."""
    works = (
        workload("w0", sd_ms=8.0, slo_ms=62.0, slo_mode="priced"),
        workload("w1", sd_ms=8.0, slo_ms=24.0, slo_mode="priced", slack_periods=1),
    )
    draw = np.random.default_rng(seed)
    counts = draw.integers(0, 3, (2, 2, 2))
    return small(draw.uniform(50, 500, (3, 2)), counts, workloads=works, jitter_sd_ms=4.0)


def cheapest(instance: Instance, crowd: Crowd, workload_: int, allowed: int) -> float:
    """By enumeration of every (region, period) of every request of a workload."""
    log, chance = crowd.stream, crowd.chance
    slack, slo = instance.workloads[workload_].slack_periods, instance.workloads[workload_].slo_ms
    assert slo is not None
    menus = []
    for i in np.flatnonzero(log.workload == workload_):
        service = max(1.0, 10.0 + 8.0 * chance.deviation[i])
        menus.append(
            [
                (
                    instance.carbon_intensity_g_per_kwh[r, t] / 1e3,
                    instance.rtt_ms[log.origin[i], r] + service + chance.jitter_ms[i] > slo,
                )
                for r in range(len(instance.regions))
                for t in range(log.release[i], min(log.release[i] + slack, instance.periods - 1) + 1)
            ]
        )
    totals = [
        sum(cost for cost, _ in chosen) for chosen in product(*menus) if sum(slow for _, slow in chosen) <= allowed
    ]
    return min(totals, default=np.inf)


@pytest.mark.parametrize("seed", range(12))
def test_the_bound_is_the_optimum_without_limits(seed: int) -> None:
    instance = noisy(seed)
    crowd = Crowd.of(instance, seed)
    oracle = RequestOracle(crowd)
    whole = instance.requests.sum(axis=(1, 2))
    for first, second in product(range(whole[0] + 1), range(min(2, whole[1]) + 1)):
        expected = sum(cheapest(instance, crowd, w, v) for w, v in enumerate((first, second)))
        bound = oracle.bound(np.array([first, second]))
        if bound is None:
            assert np.isinf(expected)
        else:
            assert bound.total == pytest.approx(expected, rel=1e-12)
            assert (bound.multipliers >= 0).all()


def test_some_cases_need_violations() -> None:
    oracles = [RequestOracle(Crowd.of(noisy(seed), seed)) for seed in range(12)]
    assert any(oracle.fewest.sum() for oracle in oracles)
    assert any(oracle.bound(oracle.fewest - 1) is None for oracle in oracles)


@given(st.integers(0, 11), st.lists(st.floats(0, 1), min_size=2, max_size=2), st.integers(0, 3), st.integers(0, 3))
@hypothesis_settings(max_examples=60)
def test_any_multipliers_prove_a_bound(seed: int, multipliers: list[float], first: int, second: int) -> None:
    oracle = RequestOracle(Crowd.of(noisy(seed), seed))
    best = oracle.bound(np.array([first, second]))
    if best is not None:
        claimed = oracle.certified(best.allowed, np.array(multipliers))
        assert claimed <= best.total + 1e-9


@given(instances(), st.integers(0, 3))
@hypothesis_settings(max_examples=60)
def test_no_policy_is_below_the_bound(instance: Instance, seed: int) -> None:
    """Capacity, servers, jobs, lateness, misses, tariffs below zero: BoundAboveObjective would be raised."""
    rows, anchors = request_gaps(instance, HOURLY, seed=seed)
    assert [row.row.policy for row in rows] == list(HOURLY)
    for row in rows:
        assert row.row.violations or row.row.error or row.row.bound is not None
    assert anchors[-1].bound.total <= anchors[0].bound.total + 1e-9
    intensities = [anchor.least_intensity for anchor in anchors]
    assert (None in intensities) == (instance.weights.miss_weight is not None or instance.requests.sum() == 0)


def test_a_bound_above_a_plan_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = RequestOracle.certified
    monkeypatch.setattr(RequestOracle, "certified", lambda *a: honest(*a) * 1.01)
    with pytest.raises(BoundAboveObjective):
        request_gaps(small([[100]], [5]), ["greedy"])


def test_jobs_count_at_their_cheapest() -> None:
    instance = small([[300, 100]], [10, 0], jobs=(job("j", release=0, deadline=1, length=1, requests=5),))
    rows, _ = request_gaps(instance, ["greedy"])
    assert rows[0].row.bound == pytest.approx(10 * 0.3 + 5 * 0.1)


def test_a_miss_is_an_option_where_it_has_a_price() -> None:
    instance = small([[300]], [10], weights=Weights(miss_weight=0.2))
    rows, anchors = request_gaps(instance, ["latency-first"])
    assert rows[0].row.bound == pytest.approx(10 * 0.3)  # it misses none
    assert anchors[1].bound.total == pytest.approx(10 * 0.2)


def test_a_row_that_breaks_a_rule_has_no_gap() -> None:
    instance = small([[100], [500]], [10_000], servers=np.ones((2, 1)))
    published, _ = request_gaps(instance, ["constrained-hybrid-published"])
    assert {violation.rule for violation in published[0].row.violations} == {"M2"}
    assert published[0].row.gap_to_bound is None


def test_the_studys_policies_are_above_their_bounds() -> None:
    """Those with the fewest violations are compared with the same bound; the honest rule is the nearest honest one."""
    rows, anchors = request_gaps(five_region_week(hours=48), STUDY)
    gaps = {row.row.policy: row.row.gap_to_bound for row in rows}
    assert gaps["carbon-first"] == 0.0
    assert all(gap is not None and gap >= 0 for gap in gaps.values())
    first = next(row for row in rows if row.row.policy == "latency-first")
    assert first.row.bound == anchors[0].bound.total
    assert {row.row.policy for row in rows if row.row.uses_future} == {"constrained-hybrid-published"}
    for row in rows:
        assert row.run is not None
        assert row.least_intensity is not None
        assert row.run.overall.mean_carbon_intensity is not None
        assert row.least_intensity <= row.run.overall.mean_carbon_intensity * (1 + 1e-12)


def test_a_policy_that_fails_leaves_the_others() -> None:
    instance = small([[100]], [5], jobs=(job("j", release=0, deadline=0, length=1),))
    rows = request_rows(instance, ["constrained-hybrid-published", "latency-first"])
    assert "has jobs" in (rows[0].row.error or "")
    assert rows[0].run is None
    assert rows[1].reduction == 0.0


def test_interval_is_students() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0])
    assert found.mean == 2.5
    assert found.half_width == pytest.approx(3.182446 * (5 / 3) ** 0.5 / 2, rel=1e-6)
    assert interval([7.0]).half_width is None
