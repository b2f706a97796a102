"""What is rounded down is never above the exact value, and hardly below it."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.verify.demand import window_minimum
from planner.verify.rounding import below, lowered_mean, lowered_sum, lowered_total

NUMBER = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)
TERM = st.lists(NUMBER, min_size=1, max_size=3)


def close_below(found: float, exact: Fraction, size: float) -> bool:
    return exact - Fraction(1e-13) * Fraction(size) <= Fraction(found) <= exact


@given(st.lists(TERM, min_size=1, max_size=8))
def test_sums_of_products(terms: list[list[float]]) -> None:
    exact = sum((math.prod(map(Fraction, t)) for t in terms), Fraction(0))
    size = sum(math.prod(map(abs, t)) for t in terms)
    assert close_below(float(lowered_sum(*map(tuple, terms))), exact, size)


@given(st.lists(NUMBER, min_size=1, max_size=300))
def test_means(values: list[float]) -> None:
    exact = sum(map(Fraction, values), Fraction(0)) / len(values)
    assert close_below(float(lowered_mean(np.array(values))), exact, max(map(abs, values)))


@given(NUMBER, NUMBER)
def test_one_operation(a: float, b: float) -> None:
    assert close_below(float(below(np.array(a + b))), Fraction(a) + Fraction(b), abs(a) + abs(b))
    assert close_below(float(below(np.array(a * b))), Fraction(a) * Fraction(b), abs(a * b))


def test_zero_and_infinities_stay() -> None:
    assert below(np.array([0.0, np.inf, -np.inf])).tolist() == [0.0, np.inf, -np.inf]


@given(st.lists(NUMBER, max_size=50))
def test_totals(values: list[float]) -> None:
    exact = sum(map(Fraction, values), Fraction(0))
    assert close_below(lowered_total([np.array(values), np.zeros((0, 2))]), exact, sum(map(abs, values)))


def test_an_infinite_part_decides_the_total() -> None:
    assert lowered_total([np.array([1.0, np.inf])]) == np.inf
    assert lowered_total([np.array([np.inf]), np.array([-np.inf, 2.0])]) == -np.inf


@pytest.mark.parametrize("width", range(1, 12))
def test_the_window_minimum_is_the_plain_one(width: int) -> None:
    values = np.random.default_rng(width).random(9)
    assert window_minimum(values, width).tolist() == [values[t : t + width].min() for t in range(9)]
