"""What the pools can still take in this period."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView
from planner.domain.servers import ROUNDING, servers_needed

__all__ = ["ROUNDING", "Room"]


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

    def leading(self, pool: Ints, load: Floats) -> int:
        """How many loads, put on their pools in this order, fit before the first that does not."""
        most = self._free + self._slip
        end = len(pool)
        for p in np.flatnonzero(self.taken + np.bincount(pool, load, len(most)) > most):
            mine = np.flatnonzero(pool[:end] == p)
            fit = int(np.searchsorted(load[mine].cumsum() + self.taken[p], most[p], side="right"))
            end = int(mine[fit]) if fit < len(mine) else end
        return min(end, self._leading_in_fleet(pool, load)) if self._coupled else end

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

    def _leading_in_fleet(self, pool: Ints, load: Floats) -> int:
        """As `leading`, of the fleet limit alone (M3b)."""
        total = np.zeros((len(pool), len(self.taken)))
        total[np.arange(len(pool)), pool] = load
        fits = self._servers(total.cumsum(axis=0) + self.taken).sum(axis=1) <= self._fleet
        return len(fits) if fits.all() else int(np.argmin(fits))

    def _servers(self, taken: Floats) -> Floats:
        return np.maximum(self._kept, servers_needed(self._held + taken, self._capacity))
