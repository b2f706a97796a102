"""What the pools can still take in this period."""

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.protocols import HourView
from planner.domain.servers import ROUNDING, servers_needed

__all__ = ["ROUNDING", "Room"]


class Room:
    """Server-seconds `taken` from each pool so far, against (M2), (M3) and the fleet limit (M3b).

    Lists, as plain numbers are looked up one by one.
    """

    taken: list[float]

    def __init__(self, view: HourView) -> None:
        available, capacity, free = view.servers_available, view.server_capacity, view.free_server_seconds
        self._free: list[float] = free.tolist()
        self._slip: list[float] = (ROUNDING * capacity).tolist()
        self.taken = [0.0] * len(free)
        fleet = max(view.fleet_limit, float(view.servers_kept.sum()))
        self._fleet = None
        if np.isfinite(fleet):
            held = np.zeros_like(free)
            limited = np.isfinite(available)
            held[limited] = available[limited] * capacity[limited] - free[limited]
            self._fleet = _Fleet(fleet, held, view.servers_kept, capacity)

    def space(self, pool: int) -> float:
        """What a pool can take if no other takes more."""
        space = self._free[pool] - self.taken[pool]
        if self._fleet is not None:
            space = min(space, self._fleet.space(pool) - self.taken[pool])
        return space if space > 0 else 0.0

    def open(self, pool: int) -> bool:
        """Whether a pool can take anything."""
        return self.space(pool) > self._slip[pool]

    def part(self, pool: int, load: float) -> float:
        """How much of a load a pool can take, as a share of it in [0, 1]."""
        space = self.space(pool)
        return 1.0 if load <= space + self._slip[pool] else space / load

    def put(self, pool: int, load: float) -> None:
        """Put a load on a pool."""
        self.taken[pool] += load
        if self._fleet is not None:
            self._fleet.run(pool, self.taken[pool])

    def take(self, pool: Ints, load: Floats) -> None:
        """Put loads on pools."""
        for one, size in zip(pool.tolist(), load.tolist(), strict=True):
            self.put(one, size)


class _Fleet:
    """The servers that run in each pool and how many more may (M3b)."""

    def __init__(self, limit: float, held: Floats, kept: Floats, capacity: Floats) -> None:
        self._held, self._kept, self._capacity = held, kept, capacity
        self._running: Floats = np.maximum(kept, servers_needed(held, capacity))
        self._spare = limit - float(self._running.sum())

    def space(self, pool: int) -> float:
        """Server-seconds beside those of running jobs, taken or not, if no other pool starts a server."""
        return float((self._running[pool] + self._spare) * self._capacity[pool] - self._held[pool])

    def run(self, pool: int, taken: float) -> None:
        """Start what a load takes."""
        needed = servers_needed(self._held[pool] + taken, self._capacity[pool])
        more = max(float(self._kept[pool]), float(needed)) - float(self._running[pool])
        self._running[pool] += more
        self._spare -= more
