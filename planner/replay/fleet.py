"""Servers through time: what running jobs hold, what is active, what was started."""

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.options import Options
from planner.domain.servers import servers_needed


class Fleet:
    """Held server-seconds (P,T) of running jobs and, under provisioning, active and started servers (P,T)."""

    def __init__(self, options: Options) -> None:
        instance = self._instance = options.instance
        self.capacity = options.server_capacity
        self.held: Floats = np.zeros_like(instance.servers)
        self.active: Floats = instance.servers.copy()
        self.started: Floats = np.zeros_like(instance.servers)
        self._initial = np.array([p.initial_servers for p in instance.pools], dtype=np.float64)
        self._uptime = np.array([p.min_uptime_periods for p in instance.pools])

    def before(self, period: int) -> Floats:
        """(P,) servers active in the period before."""
        if period == 0:
            return self._initial.copy()
        return self.active[:, period - 1].copy()

    def kept(self, period: int) -> Floats:
        """(P,) servers that running jobs need or that started too recently to stop (M5)."""
        first = max(0, period - int(self._uptime.max(initial=1)) + 1)
        recent = self.started[:, first:period] * (period - np.arange(first, period) < self._uptime[:, None])
        return np.asarray(np.maximum(recent.sum(axis=1), self.needed(self.held[:, period])))

    def free(self, period: int) -> Floats:
        """(P,) server-seconds that all available servers offer beside the running jobs."""
        return np.maximum(self._instance.servers[:, period] * self.capacity - self.held[:, period], 0.0)

    def needed(self, load: Floats) -> Floats:
        """(P,) the fewest servers that carry a load in server-seconds (M2)."""
        return servers_needed(load, self.capacity)

    def hold(self, pool: Ints, load: Floats, first: int, length: Ints) -> None:
        """Take server-seconds of pools in each of the periods first .. first + length - 1."""
        for ahead in range(int(length.max(initial=0))):
            runs = (length > ahead) & (first + ahead < self.held.shape[1])
            np.add.at(self.held[:, min(first + ahead, self.held.shape[1] - 1)], pool[runs], load[runs])

    def run(self, period: int, asked: Floats | None) -> None:
        """Settle the active servers of a period once its load is held: the asked ones, else the fewest."""
        if not self._instance.provisioning:
            return
        fewest = np.maximum(self.kept(period), self.needed(self.held[:, period]))
        chosen = fewest if asked is None else asked
        # Servers that are gone cannot stay on: where availability drops below them the judge tells (M2) or (M5).
        self.active[:, period] = np.minimum(chosen, self._instance.servers[:, period])
        self.started[:, period] = np.maximum(self.active[:, period] - self.before(period), 0.0)  # (M4)
