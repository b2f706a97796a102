"""The truth, for ablations."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.forecast.persistence import Persistence


class Perfect:
    """What will be; beyond the end of the instance its last day again."""

    uses_future: ClassVar[bool] = True

    def __init__(self, instance: Instance) -> None:
        self._truth = instance.carbon_intensity_g_per_kwh
        self._beyond = Persistence(instance)

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(R, t+1) observed -> (R, horizon) from period t on, the present first."""
        now = history.shape[1] - 1
        known = self._truth[:, now : now + horizon]
        further = self._beyond.predict(self._truth, horizon - known.shape[1] + 1)[:, 1:]
        return np.concatenate([known, further], axis=1)
