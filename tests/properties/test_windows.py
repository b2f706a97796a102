"""Windows against the whole: what they plan is never better, what they prove never more, whatever their size."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance
from planner.domain.results import SolveResult
from planner.domain.window import WindowSize, windows
from planner.errors import Infeasible, LimitReached
from planner.solve.oracle import solve
from planner.solve.windows.method import Method, solve_by_windows
from planner.testing.strategies import instances
from planner.verify.judge import check

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
COUPLING = ("jobs", "budget", "caps", "hour_map", "unsplittable", "min_uptime")
sizes = st.builds(
    WindowSize, kept=st.integers(1, 4), ahead=st.integers(0, 3), behind=st.integers(0, 2), seam=st.integers(0, 2)
)
methods = st.sampled_from(["parallel", "sequential"])


@st.composite
def divisible(draw: st.DrawFn) -> Instance:
    """An instance that can be cut; its misses, if it has any, are priced, and nothing may be late."""
    uncoupled = dict.fromkeys(COUPLING, False)
    return draw(instances(max_periods=9, **uncoupled)).replace(grace_periods=0)


def exact(instance: Instance) -> SolveResult | None:
    """The optimum, None where there is no plan."""
    try:
        return solve(instance, gap=1e-9)
    except Infeasible:
        return None


@settings(quick, max_examples=120)
@given(divisible(), sizes, methods)
def test_the_bound_of_windows_is_below_the_optimum_and_the_optimum_below_their_plan(
    instance: Instance, size: WindowSize, method: Method
) -> None:
    best = exact(instance)
    assume(best is not None)
    assert best is not None
    try:
        found = solve_by_windows(instance, size, method=method, gap=1e-9)
    except LimitReached:
        assume(method == "parallel")  # the sequential way may run into a dead end; the parallel way merges
        raise
    slack = 1e-7 * max(1.0, abs(best.objective.total))
    assert found.bounds.certified is not None
    assert found.bounds.certified <= best.objective.total + slack
    assert best.objective.total <= found.objective.total + slack
    verdict = check(
        instance, found.plan, claimed=found.objective, bound=found.bounds.certified, multipliers=found.multipliers
    )
    assert verdict.violations == ()


@settings(quick, max_examples=40)
@given(divisible(), methods)
def test_one_window_is_the_whole_problem(instance: Instance, method: Method) -> None:
    best = exact(instance)
    assume(best is not None)
    assert best is not None
    one = solve_by_windows(instance, WindowSize(instance.periods, 0, 0, 0), method=method, gap=1e-9)
    assert one.objective.total == pytest.approx(best.objective.total, rel=1e-7, abs=1e-9)
    assert one.bounds.certified == pytest.approx(best.bounds.certified, rel=1e-7, abs=1e-9)


@settings(quick, max_examples=40)
@given(divisible(), sizes)
def test_without_a_plan_the_windows_say_so_too(instance: Instance, size: WindowSize) -> None:
    tight = instance.replace(servers=np.minimum(instance.servers, 1.0), weights=instance.weights)
    if exact(tight) is None:
        with pytest.raises(Infeasible):
            solve_by_windows(tight, size)
    else:
        assert solve_by_windows(tight, size).quality


@given(
    st.integers(1, 500),
    st.builds(
        WindowSize, kept=st.integers(1, 100), ahead=st.integers(0, 50), behind=st.integers(0, 50), seam=st.just(0)
    ),
)
def test_windows_keep_every_period_once(periods: int, size: WindowSize) -> None:
    found = windows(periods, size)
    assert [w.first for w in found] == [0, *(w.end for w in found[:-1])]
    assert found[-1].end == periods
    assert all(0 <= w.begin <= w.first < w.end <= w.stop <= periods for w in found)
