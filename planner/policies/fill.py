"""Serve batches by a score under capacity: the part that all rules share."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView
from planner.policies.deadlines import latest_start
from planner.policies.preference import Preference
from planner.policies.room import Room

EMPTY = 1e-9  # a share below this is not worth a line


def fill(view: HourView, score: Floats, chosen: Bools | None = None) -> Decision:
    """Serve the chosen waiting batches (all by default), and what is due, each on its best route that has room.

    `score` (O,K), lower first, infinite: never; infeasible routes are left out. Due batches come first, those with the
    fewest routes at their head, then the others by deadline. What can be split spills over to the next best route.
    """
    preference = Preference(view, score)
    filling = _Filling(view, preference)
    queue = _queue(view, preference, chosen)
    while len(queue):
        queue = filling.step(queue)
    return filling.decision()


def _queue(view: HourView, preference: Preference, chosen: Bools | None) -> Ints:
    """Rows in the order of service."""
    waiting = view.waiting
    latest = latest_start(waiting)
    urgent = latest <= view.period
    choice = np.where(urgent, preference.counts()[waiting.workload, waiting.origin], 0)
    order = np.lexsort((latest, choice, ~urgent))
    return order if chosen is None else order[(chosen | urgent)[order]]


class _Filling:
    def __init__(self, view: HourView, preference: Preference) -> None:
        waiting = view.waiting
        self._site, self._preference, self._room = view.routes, preference, Room(view)
        self._workload, self._origin, self._divisible = waiting.workload, waiting.origin, waiting.share_unit == 0
        self._wanted = np.where(self._divisible, waiting.left, waiting.share_unit)
        # As HourView.load, without its spread over rows: server-seconds are this times share times those of the route.
        self._size = waiting.requests / np.where(waiting.contiguous, waiting.length, 1)
        self._pieces: list[tuple[Ints, Ints, Floats]] = []

    def step(self, queue: Ints) -> Ints:
        """Serve all rows up to the first that its best open route cannot take whole; that one goes where it can."""
        route = self._preference.best(self._room.open())[self._workload[queue], self._origin[queue]]
        queue, route = queue[route >= 0], route[route >= 0]
        share, pool = self._wanted[queue], self._site.pool[route]
        load = self._size[queue] * share * self._site.server_seconds[route]
        fits = self._room.fits(pool, load)
        end = len(fits) if fits.all() else int(np.argmin(fits))
        self._room.take(pool[:end], load[:end])
        self._pieces.append((queue[:end], route[:end], share[:end]))
        if end < len(queue):
            self._place(int(queue[end]))
        return queue[end + 1 :]

    def decision(self) -> Decision:
        """All pieces as columns."""
        none = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
        row, route, share = (np.concatenate(column) for column in zip(none, *self._pieces, strict=True))
        return Decision(row=row, route=route, share=share)

    def _place(self, row: int) -> None:
        """One row alone, over its routes from the best on: in pieces if it can be split, else where it fits whole."""
        left = float(self._wanted[row])
        for route in self._preference.routes(int(self._workload[row]), int(self._origin[row])):
            pool, load = self._site.pool[route], self._size[row] * left * self._site.server_seconds[route]
            part = self._room.part(pool, load)
            if part < 1 and not self._divisible[row]:
                continue
            if part * left > EMPTY:
                self._room.take(np.array([pool]), np.array([part * load]))
                self._pieces.append((np.array([row]), np.array([route]), np.array([part * left])))
            left -= part * left
            if left <= EMPTY:
                return
