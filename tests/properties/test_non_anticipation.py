"""On random instances: no honest policy looks ahead, and none breaks a rule that a replay enforces."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance
from planner.replay.loop import replay
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances

HONEST = (
    "latency-first",
    "carbon-first",
    "lowest-carbon",
    "hybrid",
    "constrained-hybrid",
    "greedy",
    "threshold",
    "fixed:region=r0",
)
LEFT_UNDONE = {"M1", "M10", "M11", "M12"}  # what a rule that knows no future cannot promise
FLEETS_THAT_SHRINK = {"M2", "M5"}  # under running jobs and started servers


@pytest.mark.parametrize("policy", HONEST)
@settings(max_examples=25)
@given(instance=instances())
def test_no_honest_policy_looks_ahead(policy: str, instance: Instance) -> None:
    check_policy(policy, [instance])


@settings(max_examples=150)
@given(instance=instances(), policy=st.sampled_from(HONEST))
def test_a_plan_breaks_only_what_nobody_could_know(instance: Instance, policy: str) -> None:
    allowed = LEFT_UNDONE | (
        FLEETS_THAT_SHRINK if np.any(instance.servers[:, 1:] < instance.servers[:, :-1]) else set()
    )
    verdict = replay(instance, policy).verdict
    assert {violation.rule for violation in verdict.violations} <= allowed


@settings(max_examples=30)
@given(instance=instances(), policy=st.sampled_from(HONEST))
def test_where_nothing_can_serve_a_replay_serves_nothing(instance: Instance, policy: str) -> None:
    nowhere = instance.replace(pools=tuple(replace(p, hardware="runs nothing") for p in instance.pools))
    assert len(replay(nowhere, policy).plan.batch) == 0


@settings(max_examples=50)
@given(instance=instances(soft=True, caps=False, budget=False, hour_map=False), policy=st.sampled_from(HONEST))
def test_where_misses_are_priced_everything_is_accounted_for(instance: Instance, policy: str) -> None:
    if instance.weights.miss_weight is None:
        instance = instance.replace(weights=type(instance.weights)(miss_weight=1.0))
    assert "M1" not in {violation.rule for violation in replay(instance, policy).verdict.violations}
