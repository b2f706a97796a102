"""Limits, starts, progress and statuses of the oracle."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.data.five_region_tight import five_region_week_tight
from planner.domain.instance import Instance
from planner.domain.results import Multipliers, Quality, Termination
from planner.errors import LimitReached
from planner.solve import oracle
from planner.solve.highs import self_test
from planner.solve.oracle import bound, solve
from planner.verify.bound import lower_bound
from planner.verify.judge import check


@pytest.fixture(scope="module")
def day() -> Instance:
    """The first day of the tight week: 120 integral servers."""
    from planner.data.slicing import slice_periods

    return slice_periods(five_region_week_tight(), 0, 24)


def test_the_solver_passes_its_self_test() -> None:
    assert self_test()


def test_a_plan_is_judged_and_between_its_bounds(day: Instance) -> None:
    result = solve(day, gap=1e-3)
    assert result.bounds.certified is not None
    assert result.bounds.solver is not None
    assert result.bounds.certified <= result.bounds.solver <= result.objective.total
    assert result.quality is Quality.OPTIMAL
    assert result.termination is Termination.CONVERGED
    verdict = check(
        day, result.plan, claimed=result.objective, bound=result.bounds.certified, multipliers=result.multipliers
    )
    assert verdict.violations == ()


def test_rounding_cuts_raise_the_certified_bound(day: Instance) -> None:
    with_cuts, multipliers = bound(day)
    assert multipliers.cuts
    plain = check_bound(day, replace(multipliers, cuts=()))
    assert plain < with_cuts


def check_bound(instance: Instance, multipliers: object) -> float:
    from planner.verify.bound import lower_bound

    return lower_bound(instance, multipliers)  # type: ignore[arg-type]


def test_a_certificate_raised_by_hand_still_bounds(day: Instance) -> None:
    value, multipliers = bound(day)
    dearer = replace(multipliers, capacity=multipliers.capacity * 1.1)
    assert check_bound(day, dearer) < value


def test_no_time_at_all_is_a_limit_and_not_a_result(day: Instance) -> None:
    with pytest.raises(LimitReached, match="time limit") as ended:
        solve(day, time_limit=0.0)
    assert ended.value.bound == lower_bound(day, Multipliers.nothing(day))


def test_memory_that_ends_after_the_relaxation_leaves_what_it_has_proven(
    day: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("planner.solve.oracle.whole_plan", short_of_memory)
    with pytest.raises(LimitReached, match=r"memory .* --windows") as ended:
        solve(day)
    assert ended.value.bound == pytest.approx(bound(day)[0])


def test_a_start_is_never_lost(day: Instance) -> None:
    good = solve(day, gap=1e-3)
    again = solve(day, gap=1e-9, time_limit=0.5, start=good.plan)
    assert again.objective.total <= good.objective.total * (1 + 1e-9)


def test_progress_is_told_in_the_objectives_own_unit(day: Instance) -> None:
    seen: list[tuple[float, float | None, float | None, float | None]] = []
    result = solve(day, gap=1e-4, time_limit=20, progress=lambda *x: seen.append(x))
    incumbents = [x[1] for x in seen if x[1] is not None]
    assert incumbents
    assert incumbents[-1] == pytest.approx(result.objective.total, rel=1e-3)


def test_one_seed_gives_one_plan(day: Instance) -> None:
    one, other = (solve(day, gap=1e-3, seed=3) for _ in range(2))
    assert np.array_equal(one.plan.servers, other.plan.servers)
    assert one.objective.total == other.objective.total


def test_a_solvers_bound_above_its_own_plan_is_left_out(day: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = oracle.whole_plan

    def boastful(*given: Any, **named: Any) -> tuple[Any, float]:
        answer, _ = whole(*given, **named)
        return answer, 1e6

    monkeypatch.setattr(oracle, "whole_plan", boastful)
    result = solve(day, gap=1e-3)
    assert result.bounds.solver is None
    assert result.bounds.best == result.bounds.certified
    assert "left out" in result.warnings[0]
