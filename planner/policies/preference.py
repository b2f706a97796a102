"""Which route each kind of request would take first, second, third."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView


class Preference:
    """Routes by score, best first, for every workload and origin; `score` is infinite where it says never.

    `score` is (O,K), or (G,O,K) where G kinds of batches rank routes in ways of their own.
    """

    def __init__(self, view: HourView, score: Floats) -> None:
        site = view.routes
        own = [np.flatnonzero(site.workload == workload) for workload in range(len(view.workload_names))]
        routes = np.full((len(own), max(map(len, own), default=0) or 1), -1)
        for workload, mine in enumerate(own):
            routes[workload, : len(mine)] = mine
        known = np.where(site.feasible, score, np.inf)[..., routes]
        scores = np.where(routes[:, None] >= 0, np.moveaxis(known, -3, -2), np.inf)
        scores = scores.reshape(-1, *scores.shape[-3:])
        self._shape = scores.shape[:-1]
        table = scores.reshape(-1, scores.shape[-1])  # a line for every kind, workload and origin
        self._line = np.arange(len(table))
        ranked = self._line[:, None], table.argsort(axis=1, kind="stable")
        self._usable: Bools = np.isfinite(table[ranked])
        self._route: Ints = np.broadcast_to(routes[:, None], scores.shape).reshape(table.shape)[ranked]
        self._pool: Ints = site.pool[self._route]

    def counts(self) -> Ints:
        """(G,W,O) how many routes there are."""
        return np.asarray(self._usable.sum(axis=1).reshape(self._shape))

    def best(self, open_pools: Bools) -> Ints:
        """(G,W,O) the best route whose pool is open, -1 where there is none."""
        usable = self._usable & open_pools[self._pool]
        first = self._line, usable.argmax(axis=1)
        return np.where(usable[first], self._route[first], -1).reshape(self._shape)

    def routes(self, kind: int, workload: int, origin: int) -> Ints:
        """All routes of one kind of request, best first."""
        line = (kind * self._shape[1] + workload) * self._shape[2] + origin
        return np.asarray(self._route[line][self._usable[line]])
