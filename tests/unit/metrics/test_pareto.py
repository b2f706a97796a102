"""The exact front of carbon against cost and against violations."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance
from planner.errors import Infeasible
from planner.metrics.pareto import SAME, Against, Point, criteria, front, place, two_criteria, undominated
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.testing.strategies import instances
from planner.verify.judge import check
from tests.unit.replay.small import small, workload

oracle = partial(solve, gap=1e-9)


@pytest.fixture
def priced() -> Instance:
    """10 requests of 1 kWh: 0.4 kg for 1 USD, 0.2 for 2, 0.1 for 4."""
    return small(
        [[400], [200], [100]], [10], price_usd_per_kwh=np.array([[1.0], [2.0], [4.0]]), servers=np.full((3, 1), 50.0)
    )


@pytest.fixture
def slow() -> Instance:
    """Ten requests in each of two hours; r1 is clean and violates for certain: it saves 3 kg, then 1."""
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    return small([[400, 400], [100, 300]], [10, 10], workloads=(work,))


def at(point: Point) -> tuple[float, float]:
    return point.carbon_kg, point.other


def test_cost_by_hand(priced: Instance) -> None:
    found = front(priced, "cost", points=4, oracle=oracle)
    assert at(found[0]) == pytest.approx((1, 40), rel=1e-6)
    assert at(found[-1]) == pytest.approx((4, 10), rel=1e-6)
    assert [at(p) for p in found[1:-1]] == [pytest.approx((2, 20), rel=1e-6), pytest.approx((3, 15), rel=1e-6)]


def test_violations_by_hand(slow: Instance) -> None:
    found = front(slow, "violations", points=5, oracle=oracle)
    assert [at(p) for p in found] == [
        pytest.approx(x, rel=1e-6, abs=1e-6) for x in ((4, 20), (5, 10), (6, 20 / 3), (7, 10 / 3), (8, 0))
    ]


def test_the_points_of_policies_come_in_between(slow: Instance) -> None:
    found = front(slow, "violations", points=2, also=[5.5, 99.0], oracle=oracle)
    assert [p.carbon_kg for p in found] == pytest.approx([4, 5.5, 8], rel=1e-6)


def test_one_plan_best_in_both_is_one_point() -> None:
    assert len(front(small([[400], [100]], [10]), "cost", oracle=oracle)) == 1


def test_a_tie_is_broken_by_the_other_criterion() -> None:
    """r0 and r1 emit the same; r1 costs less."""
    instance = small([[100], [100], [400]], [10], price_usd_per_kwh=np.array([[3.0], [2.0], [1.0]]))
    assert at(front(instance, "cost", oracle=oracle)[0]) == pytest.approx((1, 20), rel=1e-6)


def test_a_dearer_budget_stays_a_limit(slow: Instance) -> None:
    work = replace(slow.workloads[0], slo_mode="budget", slo_budget=0.25)
    found = front(slow.replace(workloads=(work,)), "violations", oracle=oracle)
    assert found[0].other == pytest.approx(5, rel=1e-6)


def test_against_cost_nothing_may_be_missed(priced: Instance) -> None:
    may_miss = priced.replace(weights=replace(priced.weights, miss_weight=0.01))
    assert front(may_miss, "cost", points=2, oracle=oracle)[0].carbon_kg == pytest.approx(1, rel=1e-6)
    assert place(may_miss, solve(may_miss).plan, "cost") is None  # the optimum misses all, at 0.01 kg each
    assert place(priced, solve(priced).plan, "cost") == pytest.approx((1, 40))


def test_dominated_and_equal_points_go() -> None:
    plan = solve(small([[100]], [1])).plan
    points = [Point(*x, plan) for x in ((1, 9), (1 + 1e-9, 9), (2, 9), (2, 5), (2 + 1e-9, 4.5), (3, 6), (4, 0))]
    assert [at(p) for p in undominated(points)] == [(1, 9), (2 + 1e-9, 4.5), (4, 0)]


@pytest.mark.parametrize("against", ["cost", "violations"])
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_points_are_verified_monotone_and_beneath_every_policy(data: st.DataObject, against: Against) -> None:
    instance = data.draw(instances())
    # A start-up that is paid for may be fractional under a carbon cap: the oracle then says that its plan breaks (M12).
    assume(instance.price_usd_per_kwh is None or instance.price_usd_per_kwh.min() >= 0)
    runs = [replay(instance, policy) for policy in ("latency-first", "carbon-first", "greedy", "threshold")]
    places = [found for run in runs if (found := place(instance, run.plan, against))]
    try:
        found = front(instance, against, points=4, also=[carbon for carbon, _ in places], oracle=oracle)
    except Infeasible:
        assume(False)
    for point in found:
        verdict = check(two_criteria(instance, against), point.plan)
        assert not verdict.violations
        assert at(point) == pytest.approx(criteria(verdict.objective, against), rel=1e-9)
    carbon, other = np.array([p.carbon_kg for p in found]), np.array([p.other for p in found])
    assert (np.diff(carbon) > 0).all()
    assert (np.diff(other) < 0).all()
    room_c, room_o = 1e-5 * max(1.0, abs(carbon[-1])), 1e-5 * max(1.0, abs(other[0])) + 2 * SAME * np.ptp(other)
    for policy in places:
        assert any(c <= policy[0] + room_c and o <= policy[1] + room_o for c, o in map(at, found))
