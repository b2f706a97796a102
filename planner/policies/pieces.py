"""What is served of which batch on which route, put down one after another."""

from collections.abc import Iterable

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.protocols import Decision, HourView
from planner.policies.room import Room

EMPTY = 1e-9  # a share below this is not worth a line


class Pieces:
    """Shares of waiting batches on routes, as far as pools have room; `wanted` (n,) is the most to serve of each."""

    def __init__(self, view: HourView, wanted: Floats) -> None:
        waiting = view.waiting
        self.room, self._divisible = Room(view), waiting.share_unit == 0
        self.wanted = np.where(self._divisible, wanted, waiting.share_unit)
        self._pool, self._seconds = view.routes.pool, view.routes.server_seconds
        # As HourView.load, without its spread over rows: server-seconds are this times share times those of the route.
        self._size = waiting.requests / np.where(waiting.contiguous, waiting.length, 1)
        self._columns: list[tuple[Ints, Ints, Floats]] = []
        self._single: list[tuple[int, int, float]] = []

    def put(self, row: Ints, route: Ints) -> int:
        """Put all that is wanted of rows on routes, in order up to the first that does not fit; returns how many."""
        share, pool = self.wanted[row], self._pool[route]
        load = self._size[row] * share * self._seconds[route]
        end = self.room.leading(pool, load)
        self.room.take(pool[:end], load[:end])
        self._columns.append((row[:end], route[:end], share[:end]))
        return end

    def place(self, row: int, routes: Iterable[int]) -> list[int]:
        """One row alone, over its routes from the best on: in pieces if it can be split, else where it fits whole.

        Returns the pools that took some of it.
        """
        filled: list[int] = []
        left, size = float(self.wanted[row]), float(self._size[row])
        for route in routes:
            pool = int(self._pool[route])
            load = size * left * float(self._seconds[route])
            part = self.room.part(pool, load)
            if part < 1 and not self._divisible[row]:
                continue
            if part * left > EMPTY:
                self.room.taken[pool] += part * load
                self._single.append((row, route, part * left))
                filled.append(pool)
            left -= part * left
            if left <= EMPTY:
                break
        return filled

    def decision(self) -> Decision:
        """All pieces as columns."""
        alone = np.array(self._single, dtype=np.float64).reshape(-1, 3)
        columns = [*self._columns, (alone[:, 0].astype(np.int64), alone[:, 1].astype(np.int64), alone[:, 2])]
        row, route, share = (np.concatenate(column) for column in zip(*columns, strict=True))
        return Decision(row=row, route=route, share=share)
