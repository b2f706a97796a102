"""Batches released and not yet done."""

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import last_start
from planner.domain.protocols import Waiting

DUST = 1e-9  # a share below this is a rounding error


class Backlog:
    """Every batch in the order of release, with the share of it that is still to serve.

    `batch` (B,) leads from the order of release to the plan's own numbers.
    """

    def __init__(self, instance: Instance) -> None:
        batches = instance.batches()
        self.batch: Ints = np.argsort(batches.release, kind="stable")
        self.left: Floats = np.ones(len(batches))
        self._last = last_start(batches, instance)[self.batch]
        self._columns = {
            name: getattr(batches, name)[self.batch]
            for name in ("workload", "origin", "release", "deadline", "length", "contiguous", "requests", "share_unit")
        }
        self._released = np.searchsorted(self._columns["release"], np.arange(instance.periods + 1))
        self._open: Ints = np.zeros(0, dtype=np.int64)

    def waiting(self, period: int) -> Waiting:
        """What may run in this period, as fresh arrays; to be asked once for every period, in order."""
        new = np.arange(self._released[period], self._released[period + 1])
        known = np.concatenate([self._open, new])
        alive = known[(self.left[known] > 0) & (self._last[known] >= period)]
        self._open = alive[np.lexsort((alive, self._columns["deadline"][alive]))]
        columns = {name: column[self._open] for name, column in self._columns.items()}
        return Waiting(batch=self._open.copy(), last=self._last[self._open], left=self.left[self._open], **columns)

    def serve(self, number: Ints, share: Floats) -> None:
        """Take shares off batches, numbered as released."""
        np.subtract.at(self.left, number, share)
        self.left[number[self.left[number] < DUST]] = 0.0

    def unserved(self) -> tuple[Ints, Floats]:
        """Batches of the plan and the shares of them that nobody served."""
        number = np.flatnonzero(self.left)
        return self.batch[number], self.left[number]
