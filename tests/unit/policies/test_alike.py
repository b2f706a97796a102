"""Rows that are planned as one and told apart again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.options import options
from planner.policies.alike import classes, kinds
from tests.unit.replay.small import small, workload

PARTS = st.lists(st.integers(1, 9), min_size=1, max_size=12)


def test_classes_stand_in_the_order_of_their_first_rows() -> None:
    group = classes(np.array([1.0, 2.0, 4.0]), np.array([5, 0, 5]), np.array([1, 1, 1]))
    assert group.first.tolist() == [0, 1]
    assert group.of.tolist() == [0, 1, 0]
    assert group.sizes.tolist() == [5.0, 2.0]


def test_rows_differ_where_any_key_does() -> None:
    assert len(classes(np.ones(4), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])).first) == 4


def test_first_rows_make_up_the_first_pieces() -> None:
    group = classes(np.array([1.0, 3.0]), np.zeros(2, dtype=np.int64))
    row, at, share = group.rows(np.array([0, 0]), np.array([0.5, 0.25]))
    assert list(zip(row.tolist(), at.tolist(), share.round(9).tolist(), strict=True)) == [
        (0, 0, 1.0),
        (1, 0, round(1 / 3, 9)),
        (1, 1, round(1 / 3, 9)),
    ]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 3)), min_size=1, max_size=20), PARTS, st.data())
def test_what_is_told_apart_adds_up(rows: list[tuple[int, int]], parts: list[int], data: st.DataObject) -> None:
    size, key = np.array(rows, dtype=np.float64).T
    group = classes(size, key.astype(np.int64))
    piece = np.array(data.draw(st.lists(st.sampled_from(range(len(group.first))), min_size=len(parts))))[: len(parts)]
    amount = np.array(parts, dtype=np.float64)
    part = amount / np.maximum(np.bincount(piece, amount, len(group.first)), amount.sum() / 2)[piece]
    row, at, share = group.rows(piece, part)
    assert (group.of[row] == piece[at]).all()
    assert np.bincount(row, share, len(size)).max() <= 1 + 1e-9
    np.testing.assert_allclose(np.bincount(at, share * size[row], len(piece)), part * group.sizes[piece], atol=1e-9)


def test_nothing_placed_is_nothing_served() -> None:
    none, group = np.zeros(0, dtype=np.int64), classes(np.ones(2), np.zeros(2, dtype=np.int64))
    assert [len(column) for column in group.rows(none, np.zeros(0))] == [0, 0, 0]


def test_origins_with_the_same_routes_are_of_one_kind() -> None:
    near = workload("near", slo_ms=30.0, slo_mode="hard")  # each origin has a region of its own in reach
    instance = small([[1.0], [2.0]], np.ones((2, 2, 1)), workloads=(workload("anywhere"), near))
    kind = kinds(options(instance).routes, 2)
    assert kind[0, 0] == kind[0, 1]
    assert len(np.unique(kind)) == 3
