"""The request-level replay, added up by hand and against the hourly account."""

from collections.abc import Callable
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from planner.data.five_region import five_region_week
from planner.domain.instance import Instance, RequestLog, Weights
from planner.domain.options import options
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError, UsageError
from planner.policies.constrained_hybrid import ConstrainedHybridPublished
from planner.replay.dispatch import dispatched
from planner.replay.draws import draws
from planner.replay.loop import replay
from planner.replay.requests import Crowd, RequestReplay, replay_requests
from planner.replay.stream import stream
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, job, small, workload


class Half:
    """Serves half of what waits on route 0, the rest on route 1."""

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        rows = np.arange(len(view.waiting))
        half = np.full(2 * len(rows), 0.5)
        return Decision(np.tile(rows, 2), np.repeat([0, 1], len(rows)), half)


def test_a_log_keeps_its_order_and_counts_are_expanded_by_period() -> None:
    counts = np.array([[[1, 2], [0, 1]], [[1, 0], [0, 0]]])
    expanded = stream(small([[100, 100]], counts))
    assert expanded.release.tolist() == [0, 0, 1, 1, 1]
    assert expanded.workload.tolist() == [0, 1, 0, 0, 0]
    assert expanded.origin.tolist() == [0, 0, 0, 0, 1]
    log = RequestLog(origin=np.array([0, 0, 0, 1, 0]), workload=np.array([1, 0, 0, 0, 0]))
    logged = stream(small([[100, 100]], counts, request_log=log))
    assert logged.workload.tolist() == [1, 0, 0, 0, 0]
    assert logged.batch.tolist() == [3, 0, 1, 2, 1]  # batches by (workload, origin, release)
    assert logged.rank.tolist() == [0, 0, 0, 0, 1]
    assert logged.size.tolist() == [1, 1, 2, 1, 2]


def test_too_many_requests_are_refused() -> None:
    with pytest.raises(UsageError, match="30,000,000 requests are too many"):
        stream(small([[100]], [30_000_000]))


def test_draws_are_inference_then_jitter_request_by_request() -> None:
    one = small([[100]], [3], jitter_sd_ms=2.0)
    drawn = draws(one, 3, seed=5)
    rng = np.random.default_rng(5)
    for i in range(3):
        assert 18 + 4 * drawn.deviation[i] == rng.normal(18, 4)
        assert drawn.jitter_ms[i] == max(0.0, rng.normal(0, 2.0))
    assert (drawn.arrival_s >= 0).all()
    assert (drawn.arrival_s < HOUR).all()
    assert draws(one.replace(step_minutes=30), 3, seed=5).deviation.tolist() == drawn.deviation.tolist()


def test_shares_are_dealt_to_within_one_request() -> None:
    instance = small([[100], [300]], [7])
    result = replay_requests(instance, Half())
    assert result.requests_by_region.tolist() == [4, 3]
    assert result.overall.mean_carbon_intensity == pytest.approx((4 * 100 + 3 * 300) / 7)
    assert result.verdict.objective.carbon_kg == pytest.approx(4 * 0.1 + 3 * 0.3)
    assert result.verdict.violations == ()


def test_latency_is_round_trip_service_and_jitter() -> None:
    quiet = replay_requests(small([[100]], [5]), "greedy")
    assert quiet.overall.latency_ms is not None
    assert quiet.overall.latency_ms.mean == quiet.overall.latency_ms.p99 == 20.0  # 10 ms each
    assert quiet.overall.queueing_ms is not None
    assert quiet.overall.queueing_ms.mean == 0
    assert np.isnan(quiet.utilisation).all()
    floored = small([[100]], [5000], workloads=(workload("w0", sd_ms=20.0),), jitter_sd_ms=3.0)
    noisy = replay_requests(floored, "greedy").overall.latency_ms
    assert noisy is not None
    # E max(1, N(10, 20)) = 1 + 9 Phi(.45) + 20 phi(.45); E max(0, N(0, 3)) = 3 phi(0)
    assert noisy.mean == pytest.approx(10 + 14.3395 + 1.1968, abs=5 * 20 / 5000**0.5)


def test_one_server_queues_and_is_as_busy_as_its_work() -> None:
    """1,800 requests of a second each on one server, every one of them drawn at 10 ms +- 0."""
    instance = small([[100]], [1800], servers=np.ones((1, 1)))
    result = replay_requests(instance, "greedy")
    assert result.utilisation.tolist() == [0.5]
    assert result.overall.queueing_ms is not None
    assert 300 < result.overall.queueing_ms.mean < 800  # M/D/1: rho / (2 (1 - rho)) = 500 ms
    latency = result.overall.latency_ms
    assert latency is not None
    assert latency.mean == pytest.approx(20 + result.overall.queueing_ms.mean)


def test_queueing_violates() -> None:
    works = (workload("w0", slo_ms=100.0, slo_mode="priced"),)
    calm, busy = (
        replay_requests(small([[100]], [1800], workloads=works, servers=np.full((1, 1), c)), "greedy") for c in (60, 1)
    )
    assert calm.overall.violations == 0
    assert busy.overall.violations > 500
    assert busy.verdict.objective.slo_violations == busy.overall.violations
    assert busy.by_workload[0].violation_rate == busy.overall.violations / 1800


def test_violations_are_priced_as_they_came_out() -> None:
    weights = Weights(violation_weight=0.25, beta=2.0)
    works = (
        workload("w0", sd_ms=5.0, slo_ms=25.0, slo_mode="priced"),
        workload("w1", sd_ms=5.0, slo_ms=22.0, slo_mode="budget", slo_budget=1.0),
    )
    instance = small([[100]], [[[300]], [[200]]], workloads=works, weights=weights)
    result = replay_requests(instance, "greedy")
    first, second = result.by_workload
    assert min(first.violations, second.violations) > 20
    objective = result.verdict.objective
    assert objective.sla == pytest.approx(0.25 * first.violations, rel=1e-12)
    assert objective.parts["O6"] == objective.sla
    assert objective.total == pytest.approx(500 * 0.1 + 2 * 0.25 * first.violations, rel=1e-12)
    assert objective.slo_violations == first.violations + second.violations


def test_jobs_take_their_servers_from_the_queue() -> None:
    instance = small([[100]], [1800], servers=np.full((1, 1), 2.0))
    with_job = instance.replace(jobs=(job("j", release=0, deadline=0, length=1),))
    free, shared = (replay_requests(i, "greedy") for i in (instance, with_job))
    assert shared.utilisation.tolist() == [0.75]
    assert free.utilisation.tolist() == [0.25]
    assert shared.overall.requests == free.overall.requests == 1800
    assert shared.overall.queueing_ms is not None
    assert free.overall.queueing_ms is not None
    assert shared.overall.queueing_ms.mean > 10 * free.overall.queueing_ms.mean


def test_what_is_late_or_missed_counts_once() -> None:
    def late(view: HourView) -> Decision:
        rows = np.flatnonzero(view.waiting.last == view.period)[:1]
        return Decision(rows, np.zeros(len(rows), dtype=int), np.full(len(rows), 0.5))

    class Slow(Half):
        decide = staticmethod(late)

    instance = small(
        [[100, 100]],
        [10, 0],
        grace_periods=1,
        workloads=(workload("w0", slo_ms=5.0, slo_mode="priced"),),
        weights=Weights(miss_weight=3.0, tardiness_weight=0.5, violation_weight=7.0),
    )
    result = replay_requests(instance, Slow())
    met = result.by_workload[0]
    assert (met.late, met.unserved, met.violations) == (5, 5, 0)
    assert met.violation_rate == 1.0
    assert result.verdict.objective.sla == pytest.approx(5 * 3.0 + 5 * 0.5)


def test_the_study_at_large_agrees_with_the_hourly_account() -> None:
    """Many requests without queues: carbon to rounding, violations to four standard deviations."""
    instance = five_region_week(hours=24, requests_per_hour=10_000, seed=3)
    crowd = Crowd.of(instance, 11)
    for policy in ("hybrid:alpha=0.5", "constrained-hybrid", "carbon-first"):
        hourly = replay(instance, policy).verdict.objective
        single = replay_requests(instance, policy, crowd=crowd)
        assert single.verdict.objective.carbon_kg == pytest.approx(hourly.carbon_kg, rel=1e-9)
        deviation = (hourly.slo_violations * (1 - hourly.slo_violations / 240_000)) ** 0.5
        assert single.overall.violations == pytest.approx(hourly.slo_violations, abs=4 * deviation)


def test_common_random_numbers() -> None:
    week = five_region_week(hours=24)
    first, again = (replay_requests(week, "hybrid:alpha=0.7", seed=7) for _ in range(2))
    other = replay_requests(week, "hybrid:alpha=0.7", seed=8)
    assert first.overall == again.overall != other.overall
    assert first.requests_by_region.tolist() == other.requests_by_region.tolist()


def test_the_published_rule_is_clairvoyant_and_refused_by_the_hour() -> None:
    week = five_region_week(hours=24)
    result = replay_requests(week, "constrained-hybrid-published:buffer_ms=9")
    assert (result.regime, result.uses_future) == ("clairvoyant", True)
    assert result.verdict.violations == ()
    with pytest.raises(PolicyError, match=r"hour 0 .*replay with --requests, or take constrained-hybrid"):
        replay(week, "constrained-hybrid-published")


def test_the_published_rule_takes_no_request_over_its_slo_that_could_be_served_in_time() -> None:
    week = five_region_week(hours=24)
    crowd = Crowd.of(week, 42)
    result = replay_requests(week, ConstrainedHybridPublished(buffer_ms=20.0), crowd=crowd)
    assert result.policy == "ConstrainedHybridPublished"
    assert result.overall.violations == 0  # a jitter beyond 20 ms is one of 2.6e11


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda i: i.replace(jobs=(job("j", release=0, deadline=0, length=1),)), "has jobs"),
        (lambda i: i.replace(provisioning=True, servers=np.ones((1, 1))), "has servers to switch"),
    ],
)
def test_single_requests_need_an_instance_of_requests(change: Callable[[Instance], Instance], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        replay_requests(change(small([[100]], [5])), "constrained-hybrid-published")


class Wrong(ConstrainedHybridPublished):
    """Sends every request to one route."""

    route: ClassVar[int] = 0

    def choose(self, view: HourView, row: np.ndarray, service_ms: np.ndarray) -> np.ndarray:
        return np.full(len(row), self.route)


@pytest.mark.parametrize(("route", "message"), [(9, "a route for each of 5"), (-1, "a route for each"), (1, "cannot")])
def test_a_route_that_does_not_exist_is_named(route: int, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Wrong, "route", route)
    instance = small([[100]], [[[5]], [[0]]])
    with pytest.raises(PolicyError, match=rf"policy Wrong, hour 0: .*{message}"):
        replay_requests(instance, Wrong())


def test_a_budget_is_judged_by_what_came_out() -> None:
    """Expected: half of the requests are too slow. Nobody who sees them sends those to a slow route."""
    works = (workload("w0", sd_ms=4.0, slo_ms=60.0, slo_mode="budget", slo_budget=0.01),)
    instance = small([[500], [100]], [400], workloads=works)  # r1 is clean and 50 ms away
    exact = replay_requests(instance, "constrained-hybrid-published:buffer_ms=0")
    assert exact.verdict.violations == ()
    assert exact.requests_by_region.min() > 150
    loose = replay_requests(instance, ConstrainedHybridPublished(buffer_ms=-50.0))
    assert {v.rule for v in loose.verdict.violations} == {"M11"}


def _amounts(result: RequestReplay, instance: Instance) -> np.ndarray:
    plan, batches = result.plan, instance.batches()
    return np.bincount(plan.batch, plan.share * batches.requests[plan.batch], len(batches))


@given(instances(hour_map=False, caps=False), st.integers(0, 3))
@hypothesis_settings(max_examples=40)
def test_requests_are_dealt_as_the_plan_says(instance: Instance, seed: int) -> None:
    """Each (batch, pool, variant, period) gets its requests to within one, none is lost, and the judge agrees."""
    hourly = replay(instance, "greedy", seed=seed)
    site = options(instance).routes
    requests = stream(instance)
    dealt = dispatched(requests, hourly.plan, site)
    line = hourly.plan
    for batch, pool, variant, period, share in zip(
        line.batch, line.pool, line.variant, line.period, line.share, strict=True
    ):
        rows = np.flatnonzero(requests.batch == batch)
        if not len(rows):
            continue  # a job
        route = dealt.route[rows]
        same = (site.pool[route] == pool) & (site.variant[route] == variant) & (dealt.period[rows] == period)
        assert abs((same & (route >= 0)).sum() - share * len(rows)) < 1 + 1e-6
    result = replay_requests(instance, "greedy", seed=seed)
    assert result.verdict.violations == hourly.verdict.violations
    assert result.overall.requests == instance.requests.sum()
    served = _amounts(result, instance)[instance.batches().job < 0].sum()
    assert served == pytest.approx(instance.requests.sum() - result.overall.unserved)
