"""The policies that wait by thresholds and quotas, on random instances."""

import pytest
from hypothesis import given, settings

from planner.domain.instance import Instance
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances

POLICIES = (
    "carbon-clipper",
    "carbon-clipper:eps=0.1",
    "pcm",
    "pcm:move=20,switch=5",
    "pcaps",
    "cap",
    "sqrt-lu",
    "vcc",
    "regret",
)


@pytest.mark.parametrize("policy", [policy for policy in POLICIES if ":" not in policy])
def test_it_conforms(policy: str) -> None:
    check_policy(policy)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=8, deadline=None)
@given(instance=instances())
def test_it_conforms_on_anything(policy: str, instance: Instance) -> None:
    check_policy(policy, [instance])
