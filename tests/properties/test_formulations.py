"""The oracle against itself: two exact shapes of one problem agree, and relaxing a problem never makes it dearer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import HourMapRule, Instance
from planner.domain.results import SolveResult
from planner.errors import Infeasible
from planner.solve.oracle import solve
from planner.testing.strategies import instances

EXACT = 1e-9  # mip_rel_gap of equality tests (MODEL.md 7)
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def solved(instance: Instance, formulation: str = "auto") -> SolveResult | None:
    """The optimum, None where there is no plan."""
    try:
        return solve(instance, formulation=formulation, gap=EXACT)
    except Infeasible:
        return None


def at_most(less: SolveResult | None, more: SolveResult | None) -> bool:
    """less <= more, an infeasible problem being dearest."""
    if more is None:
        return True
    return less is not None and less.objective.total <= more.objective.total + 1e-7 * max(
        1.0, abs(more.objective.total)
    )


@settings(quick, max_examples=220)
@given(instances())
def test_backlog_and_time_indexed_agree(instance: Instance) -> None:
    one, other = solved(instance), solved(instance, "time-indexed")
    assert (one is None) == (other is None)
    if one is not None and other is not None:  # each was judged: disaggregation broke no rule
        assert one.objective.total == pytest.approx(other.objective.total, rel=1e-7, abs=1e-9)


@settings(quick, max_examples=60)
@given(instances())
def test_bounds_are_below_the_optimum_and_solver_bound_reaches_it(instance: Instance) -> None:
    result = solved(instance)
    assume(result is not None)
    assert result is not None
    assert result.bounds.certified is not None
    assert result.bounds.solver is not None
    slack = 1e-7 * max(1.0, abs(result.objective.total))
    assert result.bounds.certified <= result.objective.total + slack
    assert result.bounds.solver == pytest.approx(result.objective.total, rel=1e-6, abs=1e-9)


@settings(quick, max_examples=40)
@given(instances(unsplittable=True, jobs=False))
def test_splitting_never_hurts(instance: Instance) -> None:
    whole = instance.replace(workloads=tuple(replace(w, splittable=False) for w in instance.workloads))
    split = instance.replace(workloads=tuple(replace(w, splittable=True) for w in instance.workloads))
    assert at_most(solved(split), solved(whole))


@settings(quick, max_examples=40)
@given(instances(hour_map=False), st.booleans())
def test_a_map_costs_and_fewer_switches_cost_more(instance: Instance, per_workload: bool) -> None:
    free = solved(instance)
    mapped = [solved(instance.replace(hour_map=HourMapRule(k, 1, per_workload))) for k in (None, 1, 0)]
    for less, more in zip([free, *mapped], mapped, strict=False):
        assert at_most(less, more)


@settings(quick, max_examples=60)
@given(instances())
def test_where_nothing_can_serve_every_batch_is_missed(instance: Instance) -> None:
    nowhere = instance.replace(pools=tuple(replace(p, hardware="runs nothing") for p in instance.pools))
    result = solved(nowhere)
    if result is not None:
        assert len(result.plan.batch) == 0
        assert result.plan.missed_share == pytest.approx(1.0)
    else:  # nothing may be missed, or too much would be
        budgets = any(w.slo_budget is not None for w in instance.workloads)
        assert instance.weights.miss_weight is None or budgets


@settings(quick, max_examples=40)
@given(instances(), st.data())
def test_more_capacity_never_hurts(instance: Instance, data: st.DataObject) -> None:
    p = data.draw(st.integers(0, len(instance.pools) - 1))
    more = instance.servers.copy()
    more[p] += 1
    assert at_most(solved(instance.replace(servers=more)), solved(instance))


@settings(quick, max_examples=30)
@given(instances(provisioning=True, soft=False, caps=False, fleet=False, jobs=False, hour_map=False))
def test_rounding_cuts_cut_off_no_plan(instance: Instance) -> None:
    from models.terms.rounding import region_sets
    from planner.domain.options import options

    result = solved(instance)
    assume(result is not None)
    assert result is not None
    assert result.plan.servers is not None
    total = np.concatenate([np.zeros((len(instance.pools), 1)), np.cumsum(result.plan.servers, axis=1)], axis=1)
    for s in region_sets(options(instance)):
        for first in range(instance.periods):
            for length in range(min(s.needed.shape[1], instance.periods - first)):
                there = (total[s.pools, first + length + 1] - total[s.pools, first]).sum()
                assert there >= s.whole[first, length] - 1e-6
