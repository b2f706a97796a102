"""Which route each kind of request would take first, second, third."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView


class Preference:
    """Routes by score, best first, for every workload and origin; `score` (O,K) is infinite where it says never."""

    def __init__(self, view: HourView, score: Floats) -> None:
        site = view.routes
        own = [np.flatnonzero(site.workload == workload) for workload in range(len(view.workload_names))]
        most = max(1, *(len(routes) for routes in own)) if own else 1
        routes = np.stack([np.pad(mine, (0, most - len(mine)), constant_values=-1) for mine in own])
        scores = np.where(
            routes[:, None] >= 0, np.where(site.feasible, score, np.inf)[:, routes].swapaxes(0, 1), np.inf
        )
        order = np.argsort(scores, axis=2, kind="stable")
        self._route: Ints = np.take_along_axis(np.broadcast_to(routes[:, None], scores.shape), order, axis=2)
        self._usable: Bools = np.isfinite(np.take_along_axis(scores, order, axis=2))
        self._pool: Ints = site.pool[self._route]

    def counts(self) -> Ints:
        """(W,O) how many routes there are."""
        return np.asarray(self._usable.sum(axis=2))

    def best(self, open_pools: Bools) -> Ints:
        """(W,O) the best route whose pool is open, -1 where there is none."""
        usable = self._usable & open_pools[self._pool]
        first = usable.argmax(axis=2)[..., None]
        route = np.take_along_axis(self._route, first, axis=2)[..., 0]
        return np.where(np.take_along_axis(usable, first, axis=2)[..., 0], route, -1)

    def routes(self, workload: int, origin: int) -> Ints:
        """All routes of one kind of request, best first."""
        return np.asarray(self._route[workload, origin][self._usable[workload, origin]])
