"""Serve batches by a score under capacity: the part that all rules share."""

from collections.abc import Callable
from typing import Any

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView
from planner.policies.deadlines import latest_start, order_of_service
from planner.policies.menus import leanest
from planner.policies.pieces import EMPTY, Pieces
from planner.policies.preference import Preference

__all__ = ["EMPTY", "fill"]


HALVINGS = 20  # finer than a share that is worth serving would leave dust


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
    where it can be split, no more than `most` (n,) of itself. Where pools are too small for what is due, as much of it
    as needed takes in every pool the variant of fewest server-seconds.
    """
    urgent = latest_start(view.waiting) <= view.period
    waiting, none = view.waiting, np.zeros(len(view.waiting), dtype=np.int64)

    def attempt(lean: float) -> _Filling:
        filling = _Filling(
            view,
            score,
            kind=none if kind is None else kind,
            limit=None if limit is None else np.where(urgent, np.inf, limit),
            most=waiting.left if most is None else np.where(urgent, waiting.left, np.minimum(most, waiting.left)),
        )
        if lean > 0:
            filling.serve_lean(urgent, lean)
        filling.serve(None if chosen is None else chosen | urgent)
        return filling

    first = attempt(0.0)
    if leanest(view.routes)[view.routes.feasible].all() or not first.lacking(urgent):
        return first.decision()
    return _least_lean(attempt, first, urgent).decision()


def _least_lean(attempt: Callable[[float], "_Filling"], first: "_Filling", urgent: Bools) -> "_Filling":
    """The attempt with the smallest lean part of those that leave least of what is due."""
    best, low, high = attempt(1.0), 0.0, 1.0
    least = best.lacking(urgent) * (1 + EMPTY)
    if least >= first.lacking(urgent):
        return first
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = attempt(middle)
        if found.lacking(urgent) <= least:
            high, best = middle, found
        else:
            low = middle
    return best


class _Filling:
    def __init__(self, view: HourView, score: Floats, *, kind: Ints, limit: Floats | None, most: Floats) -> None:
        self._view, self._waiting, self._pieces = view, view.waiting, Pieces(view, most)
        self._score, self._kind, self._limit = score.reshape(-1, *score.shape[-2:]), kind, limit
        self._preference = Preference(view, score)
        self._line = self._preference.line(kind, view.waiting.workload, view.waiting.origin)
        self._asked = self._pieces.wanted

    def serve(self, chosen: Bools | None) -> None:
        """Serve what is wanted of chosen rows, of all by default."""
        order = order_of_service(self._waiting, self._view.period, self._preference.counts()[self._line])
        queue = order[self._pieces.wanted[order] > 0]
        queue = queue if chosen is None else queue[chosen[queue]]
        while len(queue):
            queue = self._step(queue)

    def serve_lean(self, urgent: Bools, part: float) -> None:
        """Serve the first part of what is due, in the order of service, on the leanest routes of the pools."""
        usual = self._preference
        order = order_of_service(self._waiting, self._view.period, usual.counts()[self._line])
        size = (self._waiting.requests * self._asked * urgent)[order]
        share = np.zeros(len(order))
        share[order] = np.clip((part * size.sum() - (size.cumsum() - size)) / np.maximum(size, EMPTY), 0.0, 1.0)
        self._pieces.wanted = self._asked * np.where(self._waiting.share_unit > 0, np.ceil(share), share)
        self._preference = Preference(self._view, np.where(leanest(self._view.routes), self._score, np.inf))
        self.serve(urgent)
        self._preference, self._pieces.wanted = usual, self._left()

    def lacking(self, rows: Bools) -> float:
        """Requests of rows that are asked for and not served."""
        return float((self._waiting.requests * self._left())[rows].sum())

    def decision(self) -> Decision:
        """All that was served."""
        return self._pieces.decision()

    def _left(self) -> Floats:
        served = self._pieces.decision()
        left = self._asked - np.bincount(served.row, served.share, len(self._asked))
        return np.where(left > EMPTY, left, 0.0)

    def _step(self, queue: Ints) -> Ints:
        """Serve all rows up to the first that its best open route cannot take whole; that one goes where it can."""
        route = self._preference.best(self._pieces.room.open())[self._line[queue]]
        taken = (route >= 0) & self._allowed(queue, route)
        queue = queue[taken]
        end = self._pieces.put(queue, route[taken])
        if end < len(queue):
            self._place(int(queue[end]))
        return queue[end + 1 :]

    def _place(self, row: int) -> None:
        routes = self._preference.routes(int(self._line[row]))
        self._pieces.place(row, routes[self._allowed(row, routes)].tolist())

    def _allowed(self, rows: Ints | int, route: Ints) -> Any:
        """Whether the limit lets rows take routes; yes where there is none."""
        if self._limit is None:
            return np.ones_like(route, dtype=np.bool_)
        return self._score[self._kind[rows], self._waiting.origin[rows], route] <= self._limit[rows]
