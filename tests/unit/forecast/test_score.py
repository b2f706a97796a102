"""Errors by lead, by hand and on the recorded forecasts of 2023."""

from pathlib import Path

import numpy as np
import pytest

from planner.data.build import build_recipe
from planner.data.recipe import load_recipe
from planner.domain.instance import Floats
from planner.forecast.persistence import Persistence
from planner.forecast.recorded import Recorded
from planner.forecast.score import Score, score
from tests.unit.replay.small import small

RECIPES = Path(__file__).parents[3] / "instances" / "real"


class Constant:
    """Says 10 whatever was observed."""

    uses_future = False

    def predict(self, history: Floats, horizon: int) -> Floats:
        assert not history.flags.writeable
        return np.full((len(history), horizon), 10.0)


def test_errors_of_a_constant_forecast() -> None:
    truth = np.full((1, 24 * 3), 8.0)
    truth[0, 49:] = 14.0  # the second issue, in period 48, sees 23 hours of it
    instance = small(truth.tolist(), [1] * 72)
    (first, second) = score(Constant(), truth, instance)
    assert first == Score(
        series=0, after=0.0, until=24.0, mae=pytest.approx((24 * 2 + 23 * 4) / 47),
        wape=pytest.approx((24 * 2 + 23 * 4) / (24 * 8 + 23 * 14)), median_wape=pytest.approx((2 / 8 + 4 / 14) / 2),
        bias=pytest.approx((24 * 2 - 23 * 4) / 47), count=47,
    )  # fmt: skip
    assert (second.after, second.until, second.count) == (24.0, 48.0, 23)


def test_an_instance_without_a_whole_day_before_a_midnight_has_no_score() -> None:
    truth = np.ones((1, 24))
    assert score(Constant(), truth, small(truth.tolist(), [1] * 24)) == ()


def test_a_series_of_zeros_has_no_relative_error() -> None:
    truth = np.zeros((1, 49))
    (only,) = score(Constant(), truth, small(truth.tolist(), [1] * 49))
    assert only.wape is None
    assert only.median_wape is None
    assert only.bias == 10.0


def test_the_recorded_forecasts_of_germany_beat_yesterday(shared_data: Path) -> None:
    instance = build_recipe(load_recipe(RECIPES / "twelve-zone-2023.toml"), shared_data)
    germany = [r.grid_zone for r in instance.regions].index("DE")

    def day_ahead(forecaster: Recorded | Persistence) -> Score:
        scores = score(forecaster, instance.carbon_intensity_g_per_kwh, instance)
        return next(s for s in scores if s.series == germany and s.after == 0)

    recorded, yesterday = day_ahead(Recorded(instance)), day_ahead(Persistence(instance))
    assert recorded.median_wape == pytest.approx(0.13, abs=0.015)
    assert yesterday.median_wape == pytest.approx(0.20, abs=0.01)
    assert recorded.wape is not None
    assert yesterday.wape is not None
    assert recorded.wape < yesterday.wape
