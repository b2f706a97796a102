"""First come, first served: every amount finds its demand, in order, and nothing is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.disaggregate import first_come_first_served

amounts = st.lists(st.integers(1, 1000), min_size=1, max_size=12)


@given(amounts, amounts)
def test_all_is_matched_in_order(supply: list[int], demand: list[int]) -> None:
    asked = np.array(demand, dtype=np.float64)
    served = np.array(supply, dtype=np.float64) * (asked.sum() / sum(supply))
    source, target, part = first_come_first_served(served, asked)
    assert np.allclose(np.bincount(source, part, len(served)), served, rtol=1e-6, atol=1e-6)
    assert np.allclose(np.bincount(target, part, len(asked)), asked, rtol=1e-6, atol=1e-6)
    assert (np.diff(source) >= 0).all()
    assert (np.diff(target) >= 0).all()


@given(amounts)
def test_rounding_makes_no_crumbs(demand: list[int]) -> None:
    asked = np.array(demand, dtype=np.float64)
    noisy = asked * (1 + 1e-13 * np.cos(np.arange(len(asked))))
    source, target, _ = first_come_first_served(noisy, asked)
    assert source.tolist() == target.tolist() == list(range(len(asked)))


def test_nothing_gives_nothing() -> None:
    source, target, part = first_come_first_served(np.zeros(0), np.zeros(0))
    assert len(source) == len(target) == len(part) == 0
