"""Serve batches by a score under capacity: the part that all rules share."""

from typing import Any

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView
from planner.policies.deadlines import latest_start, order_of_service
from planner.policies.pieces import EMPTY, Pieces
from planner.policies.preference import Preference

__all__ = ["EMPTY", "fill"]


def fill(
    view: HourView,
    score: Floats,
    chosen: Bools | None = None,
    *,
    kind: Ints | None = None,
    limit: Floats | None = None,
    most: Floats | None = None,
) -> Decision:
    """Serve the chosen waiting batches (all by default), and what is due, each on its best route that has room.

    `score` (O,K), lower first, infinite: never; infeasible routes are left out; (G,O,K) where batch i goes by the score
    `kind[i]`. Due batches come first, those with the fewest routes at their head, then the others by deadline. What can
    be split spills over to the next best route. What is not due takes no route that scores above its `limit` (n,) and,
    where it can be split, no more than `most` (n,) of itself.
    """
    urgent = latest_start(view.waiting) <= view.period
    waiting, none = view.waiting, np.zeros(len(view.waiting), dtype=np.int64)
    filling = _Filling(
        view,
        score,
        kind=none if kind is None else kind,
        limit=np.where(urgent, np.inf, np.inf if limit is None else limit),
        most=waiting.left if most is None else np.where(urgent, waiting.left, np.minimum(most, waiting.left)),
    )
    queue = filling.queue(view.period)
    queue = queue if chosen is None else queue[(chosen | urgent)[queue]]
    while len(queue):
        queue = filling.step(queue)
    return filling.decision()


class _Filling:
    def __init__(self, view: HourView, score: Floats, *, kind: Ints, limit: Floats, most: Floats) -> None:
        self._waiting, self._preference, self._pieces = view.waiting, Preference(view, score), Pieces(view, most)
        self._score, self._kind, self._limit = score.reshape(-1, *score.shape[-2:]), kind, limit

    def queue(self, period: int) -> Ints:
        """Rows in the order of service."""
        order = order_of_service(self._waiting, period, self._preference.counts()[self._who(slice(None))])
        return order[self._pieces.wanted[order] > 0]

    def step(self, queue: Ints) -> Ints:
        """Serve all rows up to the first that its best open route cannot take whole; that one goes where it can."""
        route = self._preference.best(self._pieces.room.open())[self._who(queue)]
        taken = (route >= 0) & (self._scored(queue, route) <= self._limit[queue])
        queue = queue[taken]
        end = self._pieces.put(queue, route[taken])
        if end < len(queue):
            self._place(int(queue[end]))
        return queue[end + 1 :]

    def decision(self) -> Decision:
        """All that was served."""
        return self._pieces.decision()

    def _place(self, row: int) -> None:
        routes = self._preference.routes(*self._who(row))
        self._pieces.place(row, routes[self._scored(row, routes) <= self._limit[row]].tolist())

    def _who(self, rows: Ints | slice | int) -> tuple[Any, Any, Any]:
        """Kind, workload and origin of rows."""
        return self._kind[rows], self._waiting.workload[rows], self._waiting.origin[rows]

    def _scored(self, rows: Ints | int, route: Ints) -> Floats:
        return np.asarray(self._score[self._kind[rows], self._waiting.origin[rows], route])
