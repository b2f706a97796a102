"""Serve batches by a score under capacity: the part that all rules share."""

from collections.abc import Callable

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
    if chosen is not None and not (chosen | urgent).any():
        return Decision(none[:0], none[:0], np.zeros(0))

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
        self._score, self._limit = score, limit
        self._preference = Preference(view, score)
        self._line = self._preference.line(kind, view.waiting.workload, view.waiting.origin)
        self._asked = self._pieces.wanted

    def serve(self, chosen: Bools | None) -> None:
        """Serve what is wanted of chosen rows, of all by default."""
        queue = self._order()
        wanted = self._pieces.wanted[queue] > 0
        queue = queue[wanted if chosen is None else wanted & chosen[queue]]
        line = self._line[queue]
        count = self._preference.counts(line, None if self._limit is None else self._limit[queue])
        menus = self._preference.routes()
        closed = [0] * len(menus)  # how many of a line's best routes lead to full pools
        for row, at, last in zip(queue.tolist(), line.tolist(), count.tolist(), strict=True):
            first, menu = closed[at], menus[at]
            while first < last and not self._pieces.open(menu[first]):
                first += 1
            closed[at] = first
            self._pieces.place(row, menu[first:last])

    def serve_lean(self, urgent: Bools, part: float) -> None:
        """Serve the first part of what is due, in the order of service, on the leanest routes of the pools."""
        usual, order = self._preference, self._order()
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

    def _order(self) -> Ints:
        return order_of_service(self._waiting, self._view.period, self._preference.counts(self._line))

    def _left(self) -> Floats:
        served = self._pieces.decision()
        left = self._asked - np.bincount(served.row, served.share, len(self._asked))
        return np.where(left > EMPTY, left, 0.0)
