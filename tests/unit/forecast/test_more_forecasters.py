"""Seasonal, harmonic, noisy and recorded forecasts, by hand."""

import numpy as np
import pytest

from planner import registry
from planner.domain.instance import Floats, Instance, Vintages
from planner.forecast.demand import demand_as_series, request_series
from planner.forecast.harmonic import Harmonic
from planner.forecast.noisy import Noisy
from planner.forecast.perfect import Perfect
from planner.forecast.persistence import Persistence
from planner.forecast.recorded import Recorded
from planner.forecast.seasonal import Seasonal
from planner.testing.future import another_future
from tests.unit.replay.small import small

WEEK = 168
HONEST = ("persistence", "seasonal", "harmonic", "recorded")


def wavy(periods: int) -> Floats:
    """(2, periods) with a day, a week and a level."""
    t = np.arange(periods)
    day, week = np.sin(2 * np.pi * t / 24), np.cos(2 * np.pi * t / WEEK)
    return np.stack([300 + 50 * day + 30 * week, 100 + 20 * week])


def hourly(periods: int, **changes: object) -> Instance:
    return small(wavy(periods).tolist(), [1] * periods, **changes)


def test_seasonal_is_the_mean_of_the_same_hour_of_the_week() -> None:
    history = np.zeros((1, 2 * WEEK))
    history[0, 10], history[0, WEEK + 10], history[0, 11] = 4.0, 8.0, 2.0
    ahead = Seasonal(hourly(1)).predict(history, 14)
    assert ahead[0, 11:13].tolist() == [6.0, 1.0]


def test_seasonal_takes_the_hour_of_the_day_until_the_week_has_come_round() -> None:
    history = np.arange(48.0)[None]
    assert Seasonal(hourly(1)).predict(history, 3)[0].tolist() == [47.0, 12.0, 13.0]


def test_seasonal_takes_the_last_value_in_hours_never_seen() -> None:
    history = np.array([[5.0, 7.0]])
    assert Seasonal(hourly(1)).predict(history, 26)[0, [0, 1, 22, 23, 24]].tolist() == [7.0, 7.0, 7.0, 5.0, 7.0]


def test_harmonic_continues_waves_exactly() -> None:
    truth = wavy(5 * WEEK)
    ahead = Harmonic(hourly(1)).predict(truth[:, : 4 * WEEK], 96)
    assert ahead == pytest.approx(truth[:, 4 * WEEK - 1 : 4 * WEEK + 95], rel=1e-9)


def test_harmonic_starts_as_persistence_and_is_never_negative() -> None:
    truth = wavy(30)
    assert Harmonic(hourly(1)).predict(truth, 9).tolist() == Persistence(hourly(1)).predict(truth, 9).tolist()
    spiky = np.where(np.arange(96) % 24 == 3, 100.0, 0.0)[None]
    assert Harmonic(hourly(1)).predict(spiky, 48).min() == 0.0


@pytest.mark.parametrize("settings", [{"daily": 0}, {"weekly": -1}, {"days": 1}])
def test_harmonic_refuses_what_makes_no_waves(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least"):
        Harmonic(hourly(1), **settings)


def test_noise_of_size_zero_is_the_truth() -> None:
    instance = hourly(60)
    history = wavy(60)[:, :20]
    assert Noisy(instance, error=0.0).predict(history, 30).tolist() == Perfect(instance).predict(history, 30).tolist()


def test_noise_has_the_size_asked_for_and_grows_with_the_lead() -> None:
    instance = small([[1e6] * 3000], [1] * 3000)
    noisy = Noisy(instance, error=0.1, seed=3)
    truth = instance.carbon_intensity_g_per_kwh
    errors = np.concatenate([noisy.predict(truth[:, :t], 97)[:, [0, 6, 24, 96]] for t in range(1, 2900, 5)]) - 1e6
    assert errors[:, 0].tolist() == [0.0] * len(errors)
    assert errors.std(axis=0)[1:] / 1e6 == pytest.approx([0.05, 0.1, 0.2], rel=0.15)
    assert abs(errors[:, 2].mean()) < 0.02 * 1e6


def test_noise_comes_from_the_seed_and_the_hour_alone() -> None:
    instance, history = hourly(60), wavy(60)[:, :20]
    ahead = Noisy(instance, seed=1).predict(history, 10)
    assert Noisy(instance, seed=1).predict(history, 30)[:, :10].tolist() == ahead.tolist()
    assert Noisy(instance, seed=2).predict(history, 10).tolist() != ahead.tolist()


def test_noise_says_that_it_knows_the_future_and_refuses_a_negative_size() -> None:
    assert Noisy.uses_future
    with pytest.raises(ValueError, match="at least 0"):
        Noisy(hourly(2), error=-0.1)


def vintages() -> Vintages:
    """Two issues of four hours for two regions, in periods 2 and 4; one cell is negative."""
    values = np.arange(16.0).reshape(2, 2, 4) + 100
    values[1, 0, 2] = -5.0
    return Vintages(np.array([2, 4]), values)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (1, [301.0, 301.0, 301.0]),  # nothing issued yet: persistence
        (2, [302.0, 101.0, 102.0]),  # the first issue, from its second hour on
        (3, [303.0, 102.0, 103.0]),
        (4, [304.0, 109.0, 0.0]),  # the second is newer; below 0 is clipped
        (7, [307.0, 307.0, 307.0]),  # beyond its reach: persistence
    ],
)
def test_recorded_takes_the_newest_issue_known(now: int, expected: list[float]) -> None:
    series = (np.arange(8.0) + 300).tolist()
    forecaster = Recorded(small([series, series], [1] * 8, vintages=vintages()))
    history = np.array([series, series])[:, : now + 1]
    assert forecaster.predict(history, 3)[0].tolist() == expected


def test_recorded_without_vintages_is_persistence() -> None:
    instance, history = hourly(60), wavy(60)[:, :40]
    assert Recorded(instance).predict(history, 9).tolist() == Persistence(instance).predict(history, 9).tolist()


def test_demand_is_a_series_like_any_other() -> None:
    counts = np.arange(12).reshape(2, 2, 3)
    instance = small([[1.0] * 3, [2.0] * 3], counts, vintages=Vintages(np.array([0]), np.ones((1, 2, 2))))
    assert request_series(instance).tolist() == counts.reshape(4, 3).tolist()
    as_series = demand_as_series(instance)
    assert Perfect(as_series).predict(request_series(instance)[:, :1], 3).tolist() == counts.reshape(4, 3).tolist()
    assert as_series.vintages is None


@pytest.mark.parametrize("spec", HONEST)
@pytest.mark.parametrize("period", [3, 30, 200])
def test_an_honest_forecaster_does_not_change_with_the_future(spec: str, period: int) -> None:
    issued = np.arange(0, 400, 24)
    draw = np.random.default_rng(0).uniform(10, 400, (len(issued), 2, 96))
    instance = hourly(400, vintages=Vintages(issued, draw))
    other = another_future(instance, period, seed=1)
    history = instance.carbon_intensity_g_per_kwh[:, : period + 1]
    told = [registry.load("planner.forecasters", spec, instance=i).predict(history, 100) for i in (instance, other)]
    assert told[0].tolist() == told[1].tolist()
    assert told[0].shape == (2, 100)
    assert told[0][:, 0].tolist() == history[:, -1].tolist()
