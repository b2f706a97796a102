"""Tomorrow is like today."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance

MINUTES_OF_A_DAY = 1440


class Persistence:
    """The same hour of the latest day observed; before a day of history the last value."""

    uses_future: ClassVar[bool] = False

    def __init__(self, instance: Instance) -> None:
        self._day = MINUTES_OF_A_DAY // instance.step_minutes

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(R, t+1) observed -> (R, horizon) from period t on, the present first."""
        last = history.shape[1] - 1
        if last + 1 < self._day:
            return np.repeat(history[:, -1:], horizon, axis=1)
        return history[:, last - self._day + 1 + (np.arange(horizon) - 1) % self._day]
