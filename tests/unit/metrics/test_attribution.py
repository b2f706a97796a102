"""Gaps split into causes."""

from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings

from planner.domain.instance import Instance
from planner.domain.restriction import Restriction, served_requests
from planner.errors import Infeasible
from planner.metrics.attribution import Attribution, attribute
from planner.metrics.gaps import GapRow, gap_table
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, job, small, workload

oracle = partial(solve, gap=1e-9)


def rows(instance: Instance, *policies: str, **options: object) -> dict[str, GapRow]:
    table = gap_table(
        instance,
        policies,
        result=oracle(instance),
        oracle=oracle,
        restricted=oracle,
        **options,  # type: ignore[arg-type]
    )
    return {row.policy: row for row in table}


def split(instance: Instance, policy: str, **options: object) -> Attribution:
    found = rows(instance, policy, **options)[policy].attribution
    assert found is not None
    return found


def summed(parts: dict[str, float | None]) -> float:
    return sum(value or 0.0 for value in parts.values())


@pytest.fixture
def day() -> Instance:
    """10 requests may wait an hour: 4, 3 | 2, 1 kg. Latency-first takes r0 at once."""
    return small([[400, 200], [300, 100]], [10, 0], workloads=(workload("w0", slack_periods=1),))


def test_each_cause_by_hand(day: Instance) -> None:
    found = split(day, "latency-first")
    levels = (found.policy, found.informed, found.provisioned, found.waited, found.placed, found.optimum)
    assert levels == pytest.approx((4, 4, 4, 2, 3, 1), rel=1e-6)
    expected = {"forecast": 0, "provisioning": 0, "waiting": 2, "space": 1, "proof": 0}
    assert found.parts == pytest.approx(expected, abs=1e-6)
    assert found.reversed_parts == pytest.approx(expected | {"waiting": 2, "space": 1}, abs=1e-6)


def test_the_order_matters_where_causes_depend_on_each_other() -> None:
    """Only r1's second hour is clean: alone neither waiting nor moving gains anything."""
    instance = small([[300, 300], [300, 100]], [10, 0], workloads=(workload("w0", slack_periods=1),))
    found = split(instance, "latency-first")
    assert found.parts["waiting"] == pytest.approx(0, abs=1e-6)
    assert found.parts["space"] == pytest.approx(2, abs=1e-6)
    assert found.reversed_parts["space"] == pytest.approx(0, abs=1e-6)
    assert found.reversed_parts["waiting"] == pytest.approx(2, abs=1e-6)


def test_idle_servers_are_provisioning() -> None:
    """A server idles at 1 kW: keeping two where one suffices is what the servers cost."""
    instance = small([[100, 100]], [HOUR // 2] * 2, servers=np.full((1, 2), 2.0), provisioning=True)
    pools = (instance.pools[0].__class__("r0", "r0", "cpu", idle_w=1000.0),)
    instance = instance.replace(pools=pools)
    run = replay(instance, "greedy")
    assert run.plan.servers is not None
    idle = run.plan.replace(servers=run.plan.servers + 1, started=np.array([[2.0, 0.0]]))
    wasteful = type(run)(**{name: getattr(run, name) for name in run.__slots__} | {"plan": idle})
    found = attribute(instance, wasteful, oracle(instance), informed=wasteful, oracle=oracle)
    assert found is not None
    assert found.policy - found.provisioned == pytest.approx(0.2, rel=1e-6)
    assert [found.parts[name] for name in ("waiting", "space")] == pytest.approx([0, 0], abs=1e-9)


def test_forecast_error_is_what_a_perfect_forecast_saves(day: Instance) -> None:
    longer = day.replace(
        carbon_intensity_g_per_kwh=np.array([[400.0, 200.0] * 2] * 2), requests=np.array([[[10, 0, 0, 0]]]),
        servers=np.full((2, 4), np.inf),
    )  # fmt: skip
    found = split(longer, "threshold")
    honest, knowing = (
        replay(longer, "threshold", forecast=f).verdict.objective.total for f in ("persistence", "perfect")
    )
    assert (found.policy, found.informed) == pytest.approx((honest, knowing))
    assert found.parts["forecast"] == pytest.approx((honest - knowing) / found.bound)
    assert split(longer, "threshold", forecast="perfect").parts["forecast"] == 0


def test_what_cannot_be_told_apart_is_none(day: Instance) -> None:
    run = replay(day, "greedy")
    found = attribute(day, run, oracle(day), informed=None, oracle=oracle)
    assert found is not None
    assert found.parts["forecast"] is None
    assert summed(found.parts) == pytest.approx(run.verdict.objective.total / found.bound - 1, abs=1e-9)


def test_a_broken_plan_has_no_causes() -> None:
    instance = small([[400, 200]], [10, 0], servers=np.zeros((1, 2)))
    run = replay(instance, "greedy")
    assert run.verdict.violations
    there = instance.replace(servers=np.ones((1, 2)))
    broken = run.plan
    assert attribute(there, type(run)(**{n: getattr(run, n) for n in run.__slots__} | {"plan": broken}), oracle(there),
                     informed=run, oracle=oracle) is None  # fmt: skip


def test_where_violations_are_free_the_fair_bound_is_split() -> None:
    work = workload("w0", slo_ms=40.0, slo_mode="priced", slack_periods=1)
    instance = small([[400, 200], [300, 100]], [10, 0], workloads=(work,))
    row = rows(instance, "latency-first")["latency-first"]
    assert row.bound_kind == "equal-violation-rate"
    assert row.attribution is not None
    assert summed(row.attribution.parts) == pytest.approx(row.gap_to_bound, abs=1e-9)
    assert row.attribution.parts["space"] == pytest.approx(0, abs=1e-6)  # no violation allowed: r0 it is


def test_jobs_and_misses() -> None:
    instance = small(
        [[400, 300, 200, 100], [100, 100, 300, 400]],
        [10, 0, 0, 5],
        jobs=(
            job("a", release=0, deadline=3, length=2),
            job("b", release=0, deadline=3, length=2, contiguous=False),
        ),
    )
    priced = instance.replace(weights=instance.weights.__class__(miss_weight=0.15))
    for problem in (instance, priced):
        row = rows(problem, "latency-first")["latency-first"]
        assert row.attribution is not None
        assert summed(row.attribution.parts) == pytest.approx(row.gap_to_bound, abs=1e-9)


def test_a_restriction_keeps_the_sums_it_is_asked_to() -> None:
    instance = small([[400, 200], [300, 100]], [10, 4], workloads=(workload("w0", slack_periods=1),))
    amounts = served_requests(instance, replay(instance, "latency-first").plan)
    assert amounts.tolist() == [[[10, 4], [0, 0]]]
    kept = Restriction(amounts, by_period=False)
    assert sorted(kept.totals[kept.totals > 0].tolist()) == [14]
    assert sorted(Restriction(amounts).totals[Restriction(amounts).totals > 0].tolist()) == [4, 10]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(instances())
def test_parts_sum_to_the_gap_and_only_the_first_may_be_negative(instance: Instance) -> None:
    try:
        best = oracle(instance)
    except Infeasible:
        assume(False)
    table = gap_table(instance, ["greedy", "threshold"], result=best, oracle=oracle, restricted=oracle)
    for row in table:
        if row.attribution is None:
            continue
        for parts in (row.attribution.parts, row.attribution.reversed_parts):
            assert row.gap_to_bound is not None
            assert summed(parts) == pytest.approx(row.gap_to_bound, abs=1e-9, rel=1e-9)
            assert all(value is None or value >= 0 for name, value in parts.items() if name != "forecast")
