"""Gaps and the table of policies."""

from typing import ClassVar

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.domain.results import Bounds, Objective
from planner.errors import BoundAboveObjective, UsageError
from planner.metrics.gaps import GapRow, gap_table, relative_gap
from planner.metrics.yardstick import Yardstick
from planner.solve.oracle import solve
from planner.verify.judge import check
from tests.unit.replay.small import HOUR, small, workload


@pytest.mark.parametrize(
    ("objective", "bound", "gap"),
    [
        (110.0, 100.0, 0.1),
        (-90.0, -100.0, 0.1),
        (100.0, 100.0, 0.0),
        (100.0 * (1 - 0.9e-6), 100.0, 0.0),
        (1.0, None, None),
        (1.0, 0.0, None),
        (0.0, 0.0, 0.0),
    ],
)
def test_the_one_definition(objective: float, bound: float | None, gap: float | None) -> None:
    assert relative_gap(objective, bound) == (None if gap is None else pytest.approx(gap))


def test_a_bound_above_the_objective_is_a_defect() -> None:
    with pytest.raises(BoundAboveObjective):
        relative_gap(100.0 * (1 - 1.1e-6), 100.0)


class Failing:
    """Fails in its second hour."""

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        share = np.full(len(view.waiting), np.nan if view.period else 1.0)
        return Decision(np.arange(len(share)), np.zeros(len(share), dtype=np.int64), share)


class Idle:
    """Serves nothing."""

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        none = np.zeros(0, dtype=np.int64)
        return Decision(none, none, np.zeros(0))


class Answer:
    """An oracle's answer as the table reads it."""

    def __init__(self, objective: Objective, bound: float) -> None:
        self.objective, self.bounds = objective, Bounds(bound)


@pytest.fixture
def day() -> Instance:
    """Clean at the second hour and in r1: 10 requests may wait, at 0.4, 0.3 | 0.2, 0.1 kg each; the optimum is 1 kg."""
    return small([[400, 200], [300, 100]], [10, 0], workloads=(workload("w0", slack_periods=1),))


def rows(instance: Instance, *policies: object, **options: object) -> dict[str, GapRow]:
    table = gap_table(instance, policies, result=solve(instance, gap=1e-9), **options)  # type: ignore[arg-type]
    return {row.policy: row for row in table}


def test_policies_stand_between_optimum_and_worst(day: Instance) -> None:
    upside_down = day.replace(carbon_intensity_g_per_kwh=500 - day.carbon_intensity_g_per_kwh)
    worst = check(day, solve(upside_down, gap=1e-9).plan).objective
    table = gap_table(day, ["latency-first", "lowest-carbon"], result=solve(day, gap=1e-9), worst=worst)
    assert [row.policy for row in table] == ["optimum", "latency-first", "lowest-carbon", "worst"]
    assert [row.gap_to_bound for row in table] == pytest.approx([0, 3, 2, 3], abs=1e-6)
    assert [row.gap_to_best for row in table] == pytest.approx([0, 3, 2, 3], abs=1e-6)
    assert [row.position for row in table] == pytest.approx([0, 1, 2 / 3, 1], abs=1e-6)
    assert [row.uses_future for row in table] == [True, False, False, True]
    assert table[0].decision_us_per_request is None
    assert table[1].decision_us_per_request is not None


def test_a_failing_policy_leaves_the_other_rows(day: Instance) -> None:
    found = rows(day, Failing(), "greedy")
    two = rows(day.replace(requests=np.array([[[10, 10]]])), Failing(), "greedy")
    assert found["Failing"].error is None  # all was served in the first hour
    assert two["Failing"].objective is None
    assert two["Failing"].gap_to_bound is None
    assert "hour 1" in str(two["Failing"].error)
    assert two["greedy"].gap_to_bound is not None


def test_a_plan_that_breaks_a_rule_has_no_gap(day: Instance) -> None:
    row = rows(day, Idle())["Idle"]
    assert [violation.rule for violation in row.violations] == ["M1"]
    assert (row.gap_to_bound, row.gap_to_best, row.position) == (None, None, None)
    assert row.objective is not None  # 0 kg: less than the bound, and no defect
    assert row.missed_rate == 1


def test_an_unknown_policy_is_not_a_row(day: Instance) -> None:
    with pytest.raises(UsageError):
        rows(day, "latency-frist")


def test_a_policy_better_than_the_bound_is_a_defect(day: Instance) -> None:
    with pytest.raises(BoundAboveObjective):
        gap_table(day, ["lowest-carbon"], result=Answer(solve(day).objective, bound=3.5))


def test_the_best_known_may_be_a_policys_plan(day: Instance) -> None:
    poor = Answer(solve(day.replace(workloads=(workload("w0", allowed_regions=("r0",)),))).objective, bound=1.0)
    table = {row.policy: row for row in gap_table(day, ["lowest-carbon"], result=poor)}
    assert table["lowest-carbon"].gap_to_best == 0
    assert table["optimum"].gap_to_best == pytest.approx(1 / 3)


def test_rates_are_shares_of_all_requests() -> None:
    work = workload("w0", slo_ms=40.0, slo_mode="priced")  # 50 + 10 ms in r1: violated for certain
    row = rows(small([[400], [100]], [10], workloads=(work,)), "carbon-first")["carbon-first"]
    assert row.slo_violation_rate == pytest.approx(1.0)
    assert row.missed_rate == 0


def test_where_violations_are_free_the_bound_is_at_the_policys_own_rate() -> None:
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    instance = small([[400, 400], [100, 300]], [10, 10], workloads=(work,))
    found = rows(
        instance, "latency-first", "carbon-first", "hybrid:alpha=0.55,ci_low=0,ci_high=400,rtt_low=10,rtt_high=50"
    )
    assert {row.bound_kind for name, row in found.items() if name != "optimum"} == {"equal-violation-rate"}
    assert found["optimum"].bound == pytest.approx(4.0)
    assert found["latency-first"].bound == pytest.approx(8.0)  # no violation allowed: all at r0
    assert found["latency-first"].gap_to_bound == pytest.approx(0, abs=1e-6)
    half = found["hybrid:alpha=0.55,ci_low=0,ci_high=400,rtt_low=10,rtt_high=50"]
    assert half.slo_violation_rate == pytest.approx(0.0)


def test_equal_rate_spends_the_budget_where_it_saves_most() -> None:
    """The policy violates in the second hour, which saves 1 kg; in the first it would have saved 3 kg."""
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    instance = small([[400, 400], [100, 300]], [10, 10], workloads=(work,))

    class Misplaced:
        regime: ClassVar[Regime] = "none"

        def decide(self, view: HourView) -> Decision:
            return Decision(np.array([0]), np.array([view.period]), np.array([1.0]))

    row = rows(instance, Misplaced())["Misplaced"]
    assert row.objective is not None
    assert row.objective.total == pytest.approx(7.0)
    assert row.slo_violation_rate == pytest.approx(0.5)
    assert row.bound == pytest.approx(5.0, rel=1e-6)
    assert row.gap_to_bound == pytest.approx(0.4, rel=1e-5)


def test_a_broken_plan_asks_no_oracle_for_its_rate() -> None:
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    instance = small([[400]], [10], workloads=(work,))

    def never(_: Instance) -> object:
        raise AssertionError

    assert rows(instance, Idle(), oracle=never)["Idle"].bound_kind == "instance"


def test_position_needs_a_worst_that_is_worse() -> None:
    assert Yardstick(optimum=1.0, worst=3.0).position(2.0) == 0.5
    assert Yardstick(optimum=1.0, worst=1.0).position(1.0) is None
    assert Yardstick(optimum=1.0).position(2.0) is None


def test_capacity_and_waiting_are_the_oracles_too() -> None:
    instance = small([[100, 50]], [2 * HOUR, 0], workloads=(workload("w0", slack_periods=1),), servers=np.ones((1, 2)))
    row = rows(instance, "greedy")["greedy"]
    assert row.gap_to_bound == pytest.approx(0, abs=1e-6)  # one server-hour in each hour, whoever decides
