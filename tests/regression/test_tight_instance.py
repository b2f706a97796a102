"""Capacity, waiting and whole servers must each matter, or the tight instance would be trivial."""

from collections.abc import Callable

import pytest

from planner.domain.instance import Instance
from planner.io.instances import load_instance
from planner.solve.oracle import bound, solve


@pytest.fixture(scope="module")
def tight() -> Instance:
    return load_instance("seed/five-region-week-tight")


def test_without_capacity_the_optimum_falls_by_a_percent(tight: Instance) -> None:
    ample = solve(tight.replace(servers=100 * tight.servers), gap=0.05)
    assert ample.objective.total <= 0.99 * bound(tight)[0]


def test_without_waiting_the_optimum_rises_by_a_percent(
    tight: Instance, without_waiting: Callable[[Instance], Instance]
) -> None:
    assert bound(without_waiting(tight))[0] >= 1.01 * solve(tight, gap=0.02).objective.total


def test_with_fractions_of_servers_the_optimum_falls_by_a_twentieth_of_a_percent(
    tight: Instance, relaxed_optimum: Callable[[Instance], float]
) -> None:
    assert relaxed_optimum(tight) <= (1 - 5e-4) * bound(tight)[0]
