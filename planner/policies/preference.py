"""Which route each kind of request would take first, second, third."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView
from planner.policies.menus import menus


class Preference:
    """Routes by score, best first, in a line for every kind, workload and origin; an infinite score says never.

    `score` is (O,K), or (G,O,K) where G kinds of batches rank routes in ways of their own.
    """

    def __init__(self, view: HourView, score: Floats) -> None:
        menu = menus(view.routes, len(view.workload_names))
        scores = np.where(menu.feasible, score.reshape(-1, view.routes.feasible.size)[:, menu.cell], np.inf)
        self._shape = len(scores), len(view.workload_names), len(view.rtt_ms)
        table = scores.reshape(-1, scores.shape[-1])
        self._line = np.arange(len(table))
        ranked = self._line[:, None], table.argsort(axis=1, kind="stable")
        self._usable: Bools = np.isfinite(table[ranked])
        self._route: Ints = np.tile(menu.route, (len(scores), 1))[ranked]
        self._pool: Ints = view.routes.pool[self._route]

    def line(self, kind: Ints, workload: Ints, origin: Ints) -> Ints:
        """(n,) the lines of requests."""
        return np.asarray(np.ravel_multi_index((kind, workload, origin), self._shape))

    def counts(self) -> Ints:
        """(L,) how many routes there are."""
        return np.asarray(self._usable.sum(axis=1))

    def best(self, open_pools: Bools) -> Ints:
        """(L,) the best route whose pool is open, -1 where there is none."""
        usable = self._usable & open_pools[self._pool]
        first = self._line, usable.argmax(axis=1)
        return np.where(usable[first], self._route[first], -1)

    def routes(self, line: int) -> Ints:
        """All routes of one line, best first."""
        return np.asarray(self._route[line][self._usable[line]])
