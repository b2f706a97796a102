import numpy as np
import pytest

from planner.solve.words import amount, hours


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (176_812.3, "176,800"),
        (5.0, "5"),
        (12.345, "12.35"),
        (1234.5, "1,234"),
        (2.5e9, "2,500,000,000"),
        (4.1e-7, "0.00000041"),
        (0.0, "0"),
    ],
)
def test_an_amount_is_read_without_powers_of_ten(value, words):
    assert amount(value) == words


def test_an_amount_keeps_the_digits_asked_for():
    assert amount(176_812.3, 7) == "176,812.3"


def test_hours_are_a_place_or_an_interval():
    assert (hours(np.array([17])), hours(np.array([17, 18, 20]))) == ("hour 17", "hours 17-20")
