"""(C1): the need of every interval equals a count over single batches, and only broken cuts are proposed."""

from math import ceil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from models.terms.rounding import region_sets, violated_cuts
from planner.data.five_region_tight import five_region_week_tight
from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.domain.options import options
from planner.testing.strategies import instances


def counted(instance: Instance, regions: tuple[int, ...], first: int, last: int) -> float:
    """Server-seconds that only `regions` may serve, released at `first` or later and due by `last`: batch by batch."""
    table, batches, total = options(instance), instance.batches(), 0.0
    for b in range(len(batches)):
        mine = (table.routes.workload == batches.workload[b]) & table.routes.feasible[batches.origin[b]]
        held = set(table.routes.region[mine].tolist()) <= set(regions)
        if mine.any() and held and batches.release[b] >= first and batches.deadline[b] <= last:
            total += batches.requests[b] * table.routes.server_seconds[mine].min()
    return total


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(instances(provisioning=True, soft=False, residency=True))
def test_needs_equal_a_count_over_batches(instance: Instance) -> None:
    capacity = options(instance).server_capacity
    for s in region_sets(options(instance)):
        for first in range(instance.periods):
            for last in range(first, min(instance.periods, first + s.needed.shape[1])):
                need = counted(instance, s.regions, first, last) / capacity[s.pools].max()
                assert s.needed[first, last - first] == pytest.approx(need)


def test_proposed_cuts_are_broken_and_worst_first() -> None:
    day = slice_periods(five_region_week_tight(), 0, 24)
    sets = region_sets(options(day))
    none = np.zeros(day.servers.shape)
    cuts = violated_cuts(sets, none, most=50)
    rhs = {s.regions: s.whole for s in sets}
    needs = [rhs[c.regions][c.first, c.last - c.first] for c in cuts]
    assert needs == sorted(needs, reverse=True)
    assert all(need == ceil(need) > 0 for need in needs)
    assert violated_cuts(sets, day.servers, most=50) == []


def test_a_priced_miss_leaves_nothing_to_round() -> None:
    day = slice_periods(five_region_week_tight(), 0, 24)
    weights = type(day.weights)(miss_weight=1.0)
    assert region_sets(options(day.replace(weights=weights))) == ()
