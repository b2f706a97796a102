"""A day and a week as sums of waves."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.forecast.persistence import MINUTES_OF_A_DAY, Persistence


class Harmonic:
    """Least squares on harmonics of the day and, once two weeks were observed, of the week, over the last `days`.

    Before two days of history: persistence. Never below 0.
    Source: harmonic regression (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 7.4).
    """

    uses_future: ClassVar[bool] = False

    def __init__(self, instance: Instance, daily: int = 4, weekly: int = 2, days: int = 28) -> None:
        if daily < 1 or weekly < 0 or days < 2:
            raise ValueError("daily must be at least 1, weekly at least 0 and days at least 2")
        self._daily, self._weekly, self._days = daily, weekly, days
        self._day = MINUTES_OF_A_DAY // instance.step_minutes
        self._early = Persistence(instance)

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(N, t+1) observed -> (N, horizon) from period t on, the present first."""
        periods = history.shape[1]
        if periods < 2 * self._day:
            return self._early.predict(history, horizon)
        past = np.arange(max(0, periods - self._days * self._day), periods)
        weekly = self._weekly if len(past) >= 14 * self._day else 0
        fit, *_ = np.linalg.lstsq(self._waves(past, weekly), history[:, past].T)
        ahead = periods - 1 + np.arange(horizon)
        out: Floats = np.maximum(self._waves(ahead, weekly) @ fit, 0.0).T
        out[:, 0] = history[:, -1]
        return out

    def _waves(self, period: np.ndarray, weekly: int) -> Floats:
        """(n, terms): 1, then cosine and sine of each frequency."""
        # Above half the periods of a day a wave cannot be told from a slower one.
        daily = np.arange(1, min(self._daily, (self._day - 1) // 2) + 1)
        cycles = np.concatenate([daily / self._day, np.arange(1, weekly + 1) / (7 * self._day)])
        angle = 2 * np.pi * np.multiply.outer(period, cycles)
        return np.concatenate([np.ones((len(period), 1)), np.cos(angle), np.sin(angle)], axis=1)
