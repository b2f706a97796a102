"""Whatever a plan holds, the judge answers and sees through it."""

import warnings

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planner.domain.instance import HourMapRule, Instance, Job
from planner.domain.plan import Plan
from planner.verify.judge import check

INDEX = st.integers(-(2**62), 2**62) | st.integers(-2, 8)
SHARE = st.floats() | st.sampled_from([0.5, 1.0, -0.5, 1e308])
TABLES = st.none() | st.lists(st.lists(st.floats() | st.integers(0, 3), min_size=3, max_size=3), min_size=2, max_size=2)


def column(draw: st.DrawFn, values: st.SearchStrategy, size: int, kind: type) -> np.ndarray:
    return np.array(draw(st.lists(values, min_size=size, max_size=size + 1)), dtype=kind)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    n, k = draw(st.integers(0, 6)), draw(st.integers(0, 3))
    tables = [None if x is None else np.array(x, dtype=np.float64) for x in (draw(TABLES), draw(TABLES))]
    return Plan(
        *(column(draw, INDEX, n, np.int64) for _ in range(4)),
        share=column(draw, SHARE, n, np.float64),
        missed_batch=column(draw, INDEX, k, np.int64),
        missed_share=column(draw, SHARE, k, np.float64),
        servers=tables[0],
        started=tables[1],
        hour_map=draw(st.none() | st.just(np.array([[0, 1, 1]])) | st.just(np.array([[0, -1, 9]]))),
    )


def readable(plan: Plan) -> bool:
    """Every entry that a row needs is there and means something for 8 batches, 2 pools, 1 variant, 3 periods."""
    limits = ((plan.batch, 8), (plan.pool, 2), (plan.variant, 1), (plan.period, 3), (plan.missed_batch, 8))
    same = len({len(c) for c, _ in limits[:4]} | {len(plan.share)}) == 1 and len(plan.missed_batch) == len(
        plan.missed_share
    )
    return same and all(((c >= 0) & (c < k)).all() for c, k in limits) and bool(np.isfinite(plan.share).all())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=plans(), provisioning=st.booleans(), mapped=st.booleans())
def test_a_plan_of_nonsense_is_judged(instance: Instance, plan: Plan, *, provisioning: bool, mapped: bool) -> None:
    changed = instance.replace(
        provisioning=provisioning,
        servers=np.full((2, 3), 3.0),
        jobs=(Job("j", "web", "bonn", 0, 2, 2), Job("k", "web", "bonn", 0, 2, 2, contiguous=False)),
        hour_map=HourMapRule(1, 2) if mapped else None,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        verdict = check(changed, plan, claimed=None)
    rules = {v.rule for v in verdict.violations}
    assert ("M0" in rules) or readable(plan)
    assert ("M1" in rules) or set(range(8)) <= {*plan.batch.tolist(), *plan.missed_batch.tolist()}
    assert not np.isnan(verdict.objective.total)
