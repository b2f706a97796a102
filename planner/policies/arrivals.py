"""What the last hours have brought."""

import numpy as np

from planner.domain.instance import Floats


class Arrivals:
    """Amounts of a `shape` hour by hour, and the most that as many hours in a row have brought in the last `hours`."""

    def __init__(self, hours: int, shape: tuple[int, ...]) -> None:
        self._brought = np.zeros((hours, *shape))
        self._up_to = np.zeros((hours, hours + 1, *shape))  # by hour and k: what the k hours up to it have brought

    def note(self, period: int, amount: Floats) -> None:
        """What this period brought; the periods are noted one after another."""
        hours = len(self._brought)
        self._brought[period % hours] = amount
        later = np.arange(1, hours)
        self._up_to[(period + later) % hours, later + 1] = 0.0  # it would begin before the last `hours`
        self._up_to[period % hours, 1:] = self._brought[(period - np.arange(hours)) % hours].cumsum(axis=0)

    def most(self) -> Floats:
        """(hours+1, *shape) the most that k hours in a row have brought, for every k."""
        return np.asarray(self._up_to.max(axis=0))
