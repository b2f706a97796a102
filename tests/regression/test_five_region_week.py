"""The published policies at equal violation rate: each beside the optimum that violates no oftener (M11)."""

import pytest

from planner.io.instances import load_instance
from planner.metrics.gaps import GapRow, gap_table
from planner.solve.oracle import solve

POLICIES = ("latency-first", "carbon-first", "greedy", "hybrid:alpha=0.3", "hybrid:alpha=0.7", "constrained-hybrid")


@pytest.fixture(scope="module")
def rows() -> dict[str, GapRow]:
    instance = load_instance("seed/five-region-week")
    return {row.policy: row for row in gap_table(instance, POLICIES, result=solve(instance))}


def test_every_published_policy_has_a_gap_to_the_optimum_of_its_own_rate(rows: dict[str, GapRow]) -> None:
    measured = [rows[policy] for policy in POLICIES]
    assert {row.bound_kind for row in measured} == {"equal-violation-rate"}
    assert all(row.gap_to_bound is not None and not row.violations for row in measured)


def test_where_violations_are_free_the_cleanest_region_is_the_optimum(rows: dict[str, GapRow]) -> None:
    assert rows["carbon-first"].gap_to_bound == pytest.approx(0, abs=1e-6)
    assert rows["greedy"].gap_to_bound == pytest.approx(0, abs=1e-6)


def test_no_violation_leaves_room_for_the_cleaner_of_two_near_regions(rows: dict[str, GapRow]) -> None:
    # Latency-First keeps Europeans in EU-West (10 ms); EU-North (25 ms) meets every SLO as surely and emits a tenth.
    assert rows["latency-first"].slo_violation_rate == pytest.approx(0, abs=1e-6)
    assert rows["latency-first"].gap_to_bound == pytest.approx(0.1041, abs=1e-3)


def test_a_weighted_sum_wastes_violations_and_the_published_eligibility_does_not(rows: dict[str, GapRow]) -> None:
    assert rows["hybrid:alpha=0.3"].gap_to_bound > 0.02
    assert rows["constrained-hybrid"].gap_to_bound == pytest.approx(0, abs=1e-6)
