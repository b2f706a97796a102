"""Which route each kind of request would take first, second, third."""

import numpy as np

from planner.domain.instance import Floats, Ints
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
        ranked = np.arange(len(table))[:, None], table.argsort(axis=1, kind="stable")
        self._score: Floats = table[ranked]
        self._route: Ints = np.tile(menu.route, (len(scores), 1))[ranked]

    def line(self, kind: Ints, workload: Ints, origin: Ints) -> Ints:
        """(n,) the lines of requests."""
        return np.asarray(np.ravel_multi_index((kind, workload, origin), self._shape))

    def counts(self, line: Ints, limit: Floats | None = None) -> Ints:
        """(n,) how many of the best routes of each `line` (n,) there are to take, up to a `limit` (n,) of the score."""
        usable = np.count_nonzero(self._score < np.inf, axis=1)[line]
        if limit is None:
            return np.asarray(usable)
        return np.asarray(np.minimum(usable, np.count_nonzero(self._score[line] <= limit[:, None], axis=1)))

    def routes(self) -> list[list[int]]:
        """All routes of every line, best first; those that are not to be taken come last."""
        routes: list[list[int]] = self._route.tolist()
        return routes
