"""Prices of whole batches (MODEL.md 6): whatever a certificate says of them, it proves nothing that is not so."""

from dataclasses import replace

import numpy as np
import pytest

from planner.data.grid import GridSize, grid
from planner.domain.instance import Floats, Instance
from planner.domain.results import Multipliers
from planner.errors import InvalidInput
from planner.io.multipliers import multipliers_document
from planner.io.plans import multipliers_from_document, save_multipliers
from planner.io.reading import read_document
from planner.solve.oracle import bound, solve
from planner.verify.bound import lower_bound

TIGHT = 1e-9


@pytest.fixture(scope="module")
def day() -> Instance:
    """Half a day of whole batches on servers that are few, so that some must go where it is dirtier."""
    return grid(GridSize(regions=3, origins=2, hours=12, workloads=2, unsplittable=True, capacity=1.2), seed=3)


@pytest.fixture(scope="module")
def optimum(day: Instance) -> float:
    return solve(day, gap=TIGHT).objective.total


@pytest.fixture(scope="module")
def certificate(day: Instance) -> Multipliers:
    return bound(day)[1]


@pytest.fixture(scope="module")
def costs(day: Instance) -> Floats:
    """(W,O,T) roughly what a batch costs, by its share of all requests."""
    return day.requests * (solve(day).objective.total / day.requests.sum())


def with_prices(certificate: Multipliers, batches: Floats) -> Multipliers:
    return replace(certificate, batches=batches)


def test_no_prices_prove_more_than_there_is(
    day: Instance, certificate: Multipliers, costs: Floats, optimum: float
) -> None:
    draw = np.random.default_rng(0)
    without = replace(certificate, capacity=0 * certificate.capacity)
    for _ in range(25):
        prices = costs * draw.uniform(0, 10 ** draw.uniform(-1, 1), costs.shape)
        for given in (certificate, without):
            assert lower_bound(day, with_prices(given, prices)) <= optimum * (1 + TIGHT)


def test_prices_without_a_batch_gain_nothing(day: Instance, certificate: Multipliers, costs: Floats) -> None:
    empty = day.replace(requests=day.requests * (np.arange(day.periods) % 2))
    plain = with_prices(certificate, costs * (empty.requests > 0))
    extra = with_prices(certificate, costs + 1e3 * (empty.requests == 0))
    assert lower_bound(empty, extra) == lower_bound(empty, plain)
    split = day.replace(workloads=tuple(replace(w, splittable=True) for w in day.workloads))
    assert lower_bound(split, plain) == lower_bound(split, certificate)


def test_a_file_holds_prices_and_nothing_else_of_the_knapsacks(
    day: Instance, certificate: Multipliers, costs: Floats, tmp_path
) -> None:
    given = with_prices(certificate, costs)
    save_multipliers(given, 0.0, day, tmp_path / "certificate.json")
    document = read_document(tmp_path / "certificate.json")
    assert document["multipliers"] == multipliers_document(given, day)
    found, _ = multipliers_from_document(document, day)
    assert lower_bound(day, found) == lower_bound(day, given)
    document["multipliers"]["knapsacks"] = {}
    with pytest.raises(InvalidInput, match="/multipliers/knapsacks"):
        multipliers_from_document(document, day)
