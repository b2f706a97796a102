"""Forecasts of series whose continuation is known."""

import pickle

import numpy as np
import pytest

from planner.domain.instance import Floats
from planner.forecast.perfect import Perfect
from planner.forecast.persistence import Persistence
from tests.unit.replay.small import small


def hours(count: int) -> Floats:
    """(2, count): 0, 1, 2, ... and a thousand more."""
    series = np.arange(count, dtype=np.float64)
    return np.stack([series, series + 1000])


def test_persistence_repeats_yesterday_with_the_present_first() -> None:
    forecaster = Persistence(small([[0.0]], [1]))
    ahead = forecaster.predict(hours(30), 50)
    assert ahead.shape == (2, 50)
    expected = [29, *range(6, 30), *range(6, 30), 6]
    assert ahead[0].tolist() == expected
    assert ahead[1].tolist() == [x + 1000 for x in expected]


def test_persistence_takes_one_day_as_soon_as_there_is_one() -> None:
    forecaster = Persistence(small([[0.0]], [1]))
    assert forecaster.predict(hours(24), 3)[0].tolist() == [23, 0, 1]
    assert forecaster.predict(hours(23), 3)[0].tolist() == [22, 22, 22]


def test_persistence_knows_the_step() -> None:
    forecaster = Persistence(small([[0.0]], [1], step_minutes=360))
    assert forecaster.predict(hours(6), 6)[0].tolist() == [5, 2, 3, 4, 5, 2]


def test_perfect_tells_the_truth() -> None:
    truth = hours(48)
    forecaster = Perfect(small(truth.tolist(), [1] * 48))
    assert forecaster.predict(truth[:, :10], 5).tolist() == truth[:, 9:14].tolist()


def test_perfect_repeats_the_last_day_beyond_the_end() -> None:
    truth = hours(48)
    forecaster = Perfect(small(truth.tolist(), [1] * 48))
    assert forecaster.predict(truth[:, :47], 4)[0].tolist() == [46, 47, 24, 25]
    assert forecaster.predict(truth, 2)[0].tolist() == [47, 24]


@pytest.mark.parametrize(("kind", "uses_future"), [(Persistence, False), (Perfect, True)])
def test_a_forecaster_says_whether_it_uses_the_future(kind: type, uses_future: bool) -> None:
    assert kind.uses_future is uses_future  # type: ignore[attr-defined]


def test_an_honest_forecaster_keeps_nothing_of_the_instance() -> None:
    one, other = small([[0.0, 1.0]], [1, 2]), small([[5.0, 7.0]], [3, 4])
    assert pickle.dumps(Persistence(one)) == pickle.dumps(Persistence(other))
    assert pickle.dumps(Perfect(one)) != pickle.dumps(Perfect(other))
