import numpy as np
import pytest

from planner.errors import InvalidInput
from planner.io.series import LARGEST, Rule, numbers

WHOLE = Rule(whole=True)


def test_integers_and_floats_become_one_array():
    assert numbers([1, 2.5, 0], "/x", Rule()).tolist() == [1.0, 2.5, 0.0]


@pytest.mark.parametrize(
    ("values", "rule", "where", "found"),
    [
        ("abc", Rule(), "/x", "the text 'abc'"),
        ({"0": 1}, Rule(), "/x", "an object"),
        ([1, True], Rule(), "/x/1", "true"),
        ([1, None], Rule(), "/x/1", "null"),
        ([1, "2"], Rule(), "/x/1", "the text '2'"),
        ([[1]], Rule(), "/x/0", "an array of 1 values"),
        ([1, float("nan")], Rule(), "/x/1", "NaN"),
        ([1, float("inf")], Rule(lowest=None), "/x/1", "Infinity"),
        ([1, float("-inf")], Rule(lowest=None), "/x/1", "-Infinity"),
        ([0, -0.5], Rule(), "/x/1", "-0.5"),
        ([0, 10**400], Rule(), "/x/1", "a whole number of more than 20 digits"),
        ([0, -(10**400)], Rule(), "/x/1", "a whole number of more than 20 digits"),
        ([1, 1.5], WHOLE, "/x/1", "1.5"),
        ([1, LARGEST + 1], WHOLE, "/x/1", "1000000000001"),
        ([1, -LARGEST - 1], Rule(whole=True, lowest=None), "/x/1", "-1000000000001"),
        ([1, 3], Rule(highest=2), "/x/1", "3"),
    ],
)
def test_the_first_value_that_does_not_belong_is_named(values, rule, where, found):
    with pytest.raises(InvalidInput) as error:
        numbers(values, "/x", rule)
    assert (error.value.where, error.value.found) == (where, found)


def test_the_length_and_its_reason_are_told():
    with pytest.raises(InvalidInput, match="found 2 values; expected 3 values, one per period"):
        numbers([1, 2], "/x", Rule(), length=3, reason=", one per period")


def test_the_largest_whole_number_passes():
    assert numbers([LARGEST], "/x", WHOLE).tolist() == [LARGEST]


def test_negative_numbers_pass_where_no_lowest_is_set():
    assert numbers([-1.5], "/x", Rule(lowest=None)).dtype == np.float64
