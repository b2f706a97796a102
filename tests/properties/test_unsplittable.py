"""Neighbourhood search over whole batches: plans that keep every rule, above the bound, no worse than their start."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.plan import Plan
from planner.domain.results import Objective
from planner.errors import Infeasible
from planner.solve.highs import Answer, Stop
from planner.solve.oracle import Clock, prepare, solve
from planner.solve.relaxation import solve_relaxation
from planner.solve.unsplittable.batches import WholeBatches, whole_batches
from planner.solve.unsplittable.plan import search
from planner.solve.unsplittable.search import Effort
from planner.testing.strategies import instances
from planner.verify.judge import check

EXACT = 1e-9  # mip_rel_gap of equality tests (MODEL.md 7)
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
small = st.one_of(instances(jobs=True, hour_map=False), instances(unsplittable=True, hour_map=False))


@dataclass(frozen=True)
class Case:
    """A relaxed instance with whole batches, and the way back to a judged plan."""

    instance: Instance
    whole: WholeBatches
    relaxed: Answer
    run: object

    def searched(self, *, rounds: int | None = None, start: Plan | None = None, seed: int = 0) -> Answer:
        """A search that only rounds or patience end."""
        first = None
        if start is not None:
            program, built = self.run.program, self.run.built  # type: ignore[attr-defined]
            first = {int(program.column_of[k]): v for k, v in built.start(start).items() if program.column_of[k] >= 0}
        effort = Effort(left=lambda: None, gap=EXACT, rounds=rounds, seed=seed)
        return search(self.whole, self.relaxed, effort, start=first).answer

    def plan(self, answer: Answer) -> Plan:
        """The plan of an answer with values."""
        return self.run.built.plan(self.run.program.spread(answer.values))  # type: ignore[attr-defined, no-any-return]

    def judged(self, answer: Answer) -> Objective:
        """Its exact objective; it breaks no rule."""
        verdict = check(self.instance, self.plan(answer))
        assert verdict.violations == ()
        return verdict.objective


def relaxed(instance: Instance) -> Case:
    """The case of an instance that has whole batches and a feasible relaxation."""
    assume(len(options(instance).choices()))
    try:
        run = prepare(instance, "auto", Clock(), threads=1, seed=0)
    except Infeasible:
        assume(False)
    whole = whole_batches(run.program, periods=instance.periods)
    assume(len(whole))
    answer = solve_relaxation(run.session, run.built, run.program, seconds=None).answer
    assume(answer.stop == Stop.OPTIMAL)
    return Case(instance, whole, answer, run)


@settings(quick, max_examples=25)
@given(small)
def test_a_plan_keeps_every_rule_and_lies_above_the_bound(instance: Instance) -> None:
    case = relaxed(instance)
    found = case.searched(rounds=4)
    assume(found.values is not None)
    total = case.judged(found).total
    assert case.relaxed.bound is not None
    assert total >= case.relaxed.bound - 1e-6 * max(1.0, abs(total))
    assert total == pytest.approx(found.objective, rel=1e-6, abs=1e-9)


@settings(quick, max_examples=40)
@given(small)
def test_tiny_problems_are_solved_to_the_optimum(instance: Instance) -> None:
    case = relaxed(instance)
    try:
        optimum = solve(instance, gap=EXACT).objective.total
    except Infeasible:
        assert case.searched(rounds=30).values is None
        return
    found = case.searched()
    assert found.values is not None
    assert case.judged(found).total == pytest.approx(optimum, rel=1e-6, abs=1e-7)


@settings(quick, max_examples=10)
@given(small, st.integers(0, 5))
def test_the_same_seed_gives_the_same_plan(instance: Instance, seed: int) -> None:
    case = relaxed(instance)
    one, other = (case.searched(rounds=5, seed=seed) for _ in range(2))
    assert (one.values is None) == (other.values is None)
    assert one.values is None or other.values is None or np.array_equal(one.values, other.values)


@settings(quick, max_examples=15)
@given(small)
def test_more_rounds_and_a_start_never_hurt(instance: Instance) -> None:
    case = relaxed(instance)
    greedy = case.searched(rounds=0)
    assume(greedy.objective is not None)
    assert greedy.objective is not None
    slack = 1e-9 * max(1.0, abs(greedy.objective))
    longer = case.searched(rounds=6)
    assert longer.objective is not None
    assert longer.objective <= greedy.objective + slack
    again = case.searched(rounds=0, start=case.plan(longer))
    assert again.objective is not None
    assert again.objective <= longer.objective + 1e-6 * max(1.0, abs(longer.objective))
