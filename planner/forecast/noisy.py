"""The truth with an error of a given size, for sensitivity curves."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.forecast.perfect import Perfect


class Noisy:
    """The truth plus a random walk whose standard deviation a day ahead is `error` times the mean of the series.

    It grows with the square root of the lead, is 0 now, and is drawn anew for every period from the seed. Never below
    0, where it would be a bias of its own if the error were large.
    """

    uses_future: ClassVar[bool] = True

    def __init__(self, instance: Instance, error: float = 0.1, seed: int = 0) -> None:
        if not error >= 0:
            raise ValueError(f"error={error:g}: a number of at least 0 is expected")
        self._truth = Perfect(instance)
        mean = np.abs(instance.carbon_intensity_g_per_kwh).mean(axis=1)
        self._step = error * mean * np.sqrt(instance.step_hours / 24)
        self._seed = seed

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(N, t+1) observed -> (N, horizon) from period t on, the present first."""
        draw = np.random.default_rng([self._seed, history.shape[1]])
        steps = draw.standard_normal((horizon, len(history))).T * self._step[:, None]
        steps[:, 0] = 0.0
        return np.asarray(np.maximum(self._truth.predict(history, horizon) + steps.cumsum(axis=1), 0.0))
