"""The best items that fit, against every choice of them."""

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from planner.verify.packing import GRID, best_value

Item = tuple[float, int]  # value, units
ITEM = st.tuples(st.floats(1e-3, 1e3), st.integers(0, GRID) | st.sampled_from([0, GRID // 2, GRID]))
GROUPS = st.lists(st.lists(ITEM, min_size=1, max_size=3), max_size=5)


def found(groups: list[list[Item]]) -> float:
    rows = [(k, *item) for k, group in enumerate(groups) for item in sorted(group, reverse=True)]
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    return best_value(table[:, 0].astype(np.int64), table[:, 1], table[:, 2].astype(np.int64))


def enumerated(groups: list[list[Item]]) -> Fraction:
    picks = product(*([(0.0, 0), *group] for group in groups))
    return max(sum((Fraction(v) for v, _ in pick), Fraction(0)) for pick in picks if sum(k for _, k in pick) <= GRID)


@given(GROUPS)
def test_at_least_the_best_choice_and_hardly_more(groups: list[list[Item]]) -> None:
    exact = enumerated(groups)
    assert exact <= Fraction(found(groups)) <= exact * (1 + Fraction(1e-14))


def test_by_hand() -> None:
    half, most = GRID // 2, GRID
    assert found([]) == 0
    assert 3.0 <= found([[(1.0, half)], [(2.0, half)]]) <= 3.0 + 1e-14
    assert 2.0 <= found([[(1.0, half)], [(2.0, half + 1)]]) <= 2.0 + 1e-14
    assert 5.0 <= found([[(4.0, most), (2.0, half)], [(3.0, half)]]) <= 5.0 + 1e-14
    assert 7.0 <= found([[(4.0, most)], [(3.0, 0)]]) <= 7.0 + 1e-14  # what weighs nothing always fits
