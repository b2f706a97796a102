"""Waiting in line: several servers, first come first served, as many as there are in each period."""

from heapq import heapify, heapreplace

import numpy as np

from planner.domain.instance import Floats, Ints


def waits(arrival: Floats, busy: Floats, servers: Ints, period_s: float) -> Floats:
    """(n,) seconds that each request waits for a server of one pool.

    `arrival` (n,) in seconds, ascending; `busy` (n,) how long each request holds a server; `servers` (T,) in each
    period of `period_s`. A server that leaves first finishes what has been given to it. Infinite: no server ever comes.
    """
    crew = _Crew()
    ends = np.searchsorted(arrival, period_s * np.arange(1, len(servers) + 1))
    waited = np.zeros(len(arrival))
    kept: Ints = np.zeros(0, dtype=np.int64)  # requests that found no server at all
    first = 0
    for period, (count, end) in enumerate(zip(servers.tolist(), ends.tolist(), strict=True)):
        crew.resize(count, period * period_s)
        if end == first and not len(kept):
            continue
        rows = np.arange(first, end)
        first = end
        if count == 0:
            kept = np.concatenate([kept, rows])
            continue
        rows, kept = np.concatenate([kept, rows]), rows[:0]
        ready = np.maximum(arrival[rows], period * period_s)
        waited[rows] = crew.serve(ready, busy[rows]) - arrival[rows]
    waited[kept] = np.inf
    return waited


class _Crew:
    """Servers by the time at which each is free."""

    def __init__(self) -> None:
        self._free: list[float] = []

    def resize(self, count: int, now: float) -> None:
        """New servers are free now; those that leave are the first to be free."""
        more = count - len(self._free)
        if more:
            self._free = sorted(self._free)[max(0, -more) :] + [now] * more
            heapify(self._free)

    def serve(self, ready: Floats, busy: Floats) -> Floats:
        """(n,) when service of each begins; `ready` ascends."""
        if self._at_once(ready, busy):
            return ready
        free, begins = self._free, []
        for at, long in zip(ready.tolist(), busy.tolist(), strict=True):
            begin = max(at, free[0])
            begins.append(begin)
            heapreplace(free, begin + long)
        return np.array(begins)

    def _at_once(self, ready: Floats, busy: Floats) -> bool:
        """Serve all without a wait if nobody ever finds all servers busy; else do nothing."""
        servers = len(self._free)
        ends = np.sort(np.concatenate([np.array(self._free), ready + busy]))
        # Every earlier end, of a server's former work or of a request, leaves one server less busy.
        present = servers + np.arange(len(ready)) - np.searchsorted(ends, ready, side="right")
        if present.max(initial=0) >= servers:
            return False
        self._free = ends[len(ends) - servers :].tolist()
        return True
