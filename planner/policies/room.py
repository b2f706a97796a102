"""What the pools can still take in this period."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView

ROUNDING = 1e-9  # of a server


class Room:
    """Server-seconds taken from each pool so far, against (M2), (M3) and the fleet limit (M3b)."""

    def __init__(self, view: HourView) -> None:
        self._capacity, self._free = view.server_capacity, view.free_server_seconds
        self._available, self._kept = view.servers_available, view.servers_kept
        limited = np.isfinite(self._available)
        self._held = np.zeros_like(self._free)
        self._held[limited] = self._available[limited] * self._capacity[limited] - self._free[limited]
        self._fleet = max(view.fleet_limit, float(self._kept.sum()))
        self._coupled = bool(np.isfinite(self._fleet))
        self._slip = ROUNDING * self._capacity
        self.taken: Floats = np.zeros_like(self._free)

    def fits(self, pool: Ints, load: Floats) -> Bools:
        """(n,) whether the loads up to each one, put on their pools in this order, all fit."""
        total = np.zeros((len(pool), len(self.taken)))
        total[np.arange(len(pool)), pool] = load
        total = total.cumsum(axis=0) + self.taken
        fits: Bools = np.all(total <= self._free + self._slip, axis=1)
        if self._coupled:
            fits &= self._servers(total).sum(axis=1) <= self._fleet
        return fits

    def space(self) -> Floats:
        """(P,) what each pool can take if no other takes more."""
        if not self._coupled:
            return np.maximum(self._free - self.taken, 0.0)
        running = self._servers(self.taken)
        most: Floats = np.minimum(self._available, running + self._fleet - running.sum())
        return np.asarray(np.maximum(most * self._capacity - self._held - self.taken, 0.0))

    def open(self) -> Bools:
        """(P,) pools that can take anything."""
        return self.space() > self._slip

    def part(self, pool: int, load: float) -> float:
        """How much of a load a pool can take, as a share of it in [0, 1]."""
        space = self.space()[pool] if self._coupled else max(self._free[pool] - self.taken[pool], 0.0)
        return 1.0 if load <= space + self._slip[pool] else float(space / load)

    def take(self, pool: Ints, load: Floats) -> None:
        """Put loads on pools."""
        np.add.at(self.taken, pool, load)

    def _servers(self, taken: Floats) -> Floats:
        return np.asarray(np.maximum(self._kept, np.ceil((self._held + taken) / self._capacity - ROUNDING)))
