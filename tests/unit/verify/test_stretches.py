"""A bound does not depend on how its periods are cut into stretches."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance, Job
from planner.domain.results import Cut, Multipliers
from planner.testing.strategies import instances
from planner.verify.bound import lower_bound
from planner.verify.site import survey
from planner.verify.stretches import stretches


def some(instance: Instance, seed: int) -> Multipliers:
    draw = np.random.default_rng(seed)
    periods, regions = instance.periods, tuple(range(len(instance.regions)))
    first = draw.integers(0, periods, 9)
    ends = np.minimum(first + draw.integers(0, 4, 9), periods - 1)
    return Multipliers(
        capacity=draw.random(instance.servers.shape) * 1e-5 * np.isfinite(instance.servers),
        slo=draw.random(len(instance.workloads)),
        fleet=draw.random(periods) * 1e-2,
        caps={"carbon_kg": 0.1},
        cuts=tuple(
            Cut(regions[: 1 + k % len(regions)], int(a), int(b), 1e-2 * k)
            for k, (a, b) in enumerate(zip(first, ends, strict=True))
        ),
    )


@settings(max_examples=40, deadline=None)
@given(instances(), st.integers(0, 99))
def test_short_stretches_prove_the_same_bit_for_bit(instance: Instance, seed: int) -> None:
    multipliers = some(instance, seed)
    whole = lower_bound(instance, multipliers)
    assert [lower_bound(instance, multipliers, cells=n) for n in (1, 5, 10)] == [whole] * 3


@pytest.mark.parametrize("provisioning", [False, True])
def test_a_grid_in_stretches_of_any_length(provisioning: bool) -> None:
    instance = grid(GridSize(4, 3, 72, 30, provisioning=provisioning), seed=1)
    multipliers = some(instance, 2)
    whole = lower_bound(instance, multipliers)
    assert np.isfinite(whole)
    assert [lower_bound(instance, multipliers, cells=4 * n) for n in (1, 60, 100, 143)] == [whole] * 4


def test_stretches_reach_as_far_as_the_longest_batch_may_wait() -> None:
    instance = grid(GridSize(regions=2, origins=1, hours=100, workloads=6), seed=0)
    found = list(stretches(survey(instance), cells=60))
    assert [(s.first, s.end, s.stop) for s in found] == [(0, 30, 54), (30, 60, 84), (60, 90, 100), (90, 100, 100)]
    job = Job("long", "chat", instance.origins[0], 5, 70)
    (longer, _) = stretches(survey(instance.replace(jobs=(job,), grace_periods=1)), cells=60)
    assert (longer.first, longer.end, longer.stop) == (0, 66, 100)
    assert len(longer) == 66
