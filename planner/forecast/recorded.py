"""What forecasters said at the time."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.forecast.persistence import Persistence


class Recorded:
    """The newest vintage of the instance that was issued by now; beyond its reach, or without one, persistence.

    Never below 0.
    """

    uses_future: ClassVar[bool] = False

    def __init__(self, instance: Instance) -> None:
        self._vintages = instance.vintages
        self._beyond = Persistence(instance)

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(N, t+1) observed -> (N, horizon) from period t on, the present first."""
        out = self._beyond.predict(history, horizon).copy()
        told = self._told(history.shape[1] - 1)[:, 1:horizon]
        if told.size:
            out[:, 1 : 1 + told.shape[1]] = np.maximum(told, 0.0)
        return out

    def _told(self, now: int) -> Floats:
        """What the newest vintage says from now on; nothing where there is none."""
        known = np.zeros(0) if self._vintages is None else np.flatnonzero(self._vintages.issued <= now)
        if self._vintages is None or not len(known):
            return np.zeros((0, 0))
        newest = known[np.argmax(self._vintages.issued[known])]
        return np.asarray(self._vintages.values[newest][:, now - int(self._vintages.issued[newest]) :])
