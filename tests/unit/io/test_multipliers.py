"""Multipliers as files hold them: short, and sparse where nothing is priced."""

import numpy as np
import pytest

from planner.data.grid import GridSize, grid
from planner.domain.results import Cut, Multipliers
from planner.io.multipliers import multipliers_document, read_multipliers, rounded
from planner.io.plan_schema import MultipliersDocument
from planner.verify.bound import lower_bound

SIZE = GridSize(regions=3, origins=2, hours=6, workloads=2)


def test_only_what_is_priced_is_written() -> None:
    instance = grid(SIZE)
    capacity = np.array([[0, 0, 0.5, 0.25, 0, 2], [0] * 6, [1, 2, 3, 4, 5, 6]])
    multipliers = Multipliers(capacity, np.zeros(2), fleet=np.array([0.125, 0, 0, 0, 0, 0]))
    document = multipliers_document(multipliers, instance)
    names = [p.name for p in instance.pools]
    assert document == {
        "capacity": {names[0]: {"2": [0.5, 0.25], "5": [2.0]}, names[2]: [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]},
        "fleet": {"0": [0.125]},
    }
    found = read_multipliers(MultipliersDocument(**document), instance)
    np.testing.assert_array_equal(found.capacity, capacity)
    np.testing.assert_array_equal(found.fleet, multipliers.fleet)


@pytest.mark.parametrize("priced", [True, False])
def test_prices_of_batches_by_workload_and_origin(priced: bool) -> None:
    """Where all are 0 they are still there: (M2) is kept."""
    instance = grid(SIZE)
    batches = np.zeros((2, 2, 6))
    batches[1] = np.array([[0, -0.5, 0.25, 0, 0, 2], [1, 2, 3, 4, 5, 6]]) * priced
    given = Multipliers(np.zeros((3, 6)), np.zeros(2), batches=batches)
    rows = dict(zip(instance.origins, [{"1": [-0.5, 0.25], "5": [2.0]}, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], strict=True))
    document = multipliers_document(given, instance)
    assert document == {"batches": {instance.workloads[1].name: rows} if priced else {}}
    found = read_multipliers(MultipliersDocument(**document), instance)
    assert found.batches is not None
    np.testing.assert_array_equal(found.batches, batches)


def test_without_prices_of_batches_none_are_read() -> None:
    instance = grid(SIZE)
    plain = Multipliers.nothing(instance)
    assert multipliers_document(plain, instance) == {}
    assert read_multipliers(MultipliersDocument(), instance).batches is None
    assert rounded(plain, 3).batches is None


def test_rounding_keeps_so_many_digits_of_every_number() -> None:
    draw = np.random.default_rng(0)
    capacity = 10.0 ** draw.uniform(-12, 3, (3, 6)) * draw.integers(0, 2, (3, 6))
    given = Multipliers(
        capacity,
        np.array([1 / 3, 0]),
        fleet=np.full(6, 2 / 3),
        caps={"cost_usd": 1 / 7},
        cuts=(Cut((0,), 0, 1, 1 / 9),),
        batches=np.array([[[-2 / 3, 0.0]]]),
    )
    short = rounded(given, 4)
    np.testing.assert_allclose(short.capacity, capacity, rtol=5.1e-4)
    assert (short.capacity == 0).tolist() == (capacity == 0).tolist()
    assert all(float(f"{x:.4g}") == x for x in short.capacity.flat)
    assert short.slo.tolist() == [0.3333, 0]
    assert short.batches is not None
    assert short.batches.tolist() == [[[-0.6667, 0]]]
    assert short.fleet is not None
    assert short.fleet.tolist() == [0.6667] * 6
    assert (short.caps, short.cuts) == ({"cost_usd": 0.1429}, (Cut((0,), 0, 1, 0.1111),))
    assert rounded(Multipliers(capacity, np.zeros(2)), 17).fleet is None
    np.testing.assert_array_equal(rounded(given, 17).capacity, capacity)


@pytest.mark.parametrize("digits", [1, 2, 4, 8])
def test_a_rounded_certificate_proves_a_little_less(digits: int) -> None:
    """Never more than the best multipliers: those of the programme's own optimum."""
    from planner.solve.oracle import bound

    instance = grid(GridSize(regions=3, origins=2, hours=24, workloads=3, capacity=1.2))
    best, multipliers = bound(instance)
    found = lower_bound(instance, rounded(multipliers, digits))
    assert best * (1 - 20 * 10.0**-digits) <= found <= best * (1 + 1e-9)
