"""What is served of which batch on which route, put down one after another."""

from collections.abc import Iterable

import numpy as np

from planner.domain.instance import Floats
from planner.domain.protocols import Decision, HourView
from planner.policies.room import Room

EMPTY = 1e-9  # a share below this is not worth a line


class Pieces:
    """Shares of waiting batches on routes, as far as pools have room; `wanted` (n,) is the most to serve of each.

    What is looked up for one batch at a time is in lists: of these, plain numbers come faster.
    """

    def __init__(self, view: HourView, wanted: Floats) -> None:
        waiting, divisible = view.waiting, view.waiting.share_unit == 0
        self.room, self._divisible = Room(view), divisible.tolist()
        self.wanted = np.where(divisible, wanted, waiting.share_unit)
        self._pool: list[int] = view.routes.pool.tolist()
        self._seconds: list[float] = view.routes.server_seconds.tolist()
        # As HourView.load, without its spread over rows: server-seconds are this times share times those of the route.
        self._size = (waiting.requests / np.where(waiting.contiguous, waiting.length, 1)).tolist()
        self._taken: list[tuple[int, int, float]] = []

    def place(self, row: int, routes: Iterable[int]) -> list[int]:
        """One row, over its routes from the best on: in pieces if it can be split, else where it fits whole.

        Returns the pools that took some of it.
        """
        filled: list[int] = []
        left, size, divisible = self.wanted.item(row), self._size[row], self._divisible[row]
        for route in routes:
            pool = self._pool[route]
            load = size * left * self._seconds[route]
            part = self.room.part(pool, load)
            if part < 1 and not divisible:
                continue
            if part * left > EMPTY:
                self.room.put(pool, part * load)
                self._taken.append((row, route, part * left))
                filled.append(pool)
            left -= part * left
            if left <= EMPTY:
                break
        return filled

    def open(self, route: int) -> bool:
        """Whether there is any room where a route leads."""
        return self.room.open(self._pool[route])

    def decision(self) -> Decision:
        """All pieces as columns."""
        row, route, share = zip(*self._taken, strict=True) if self._taken else ((), (), ())
        return Decision(np.array(row, dtype=np.int64), np.array(route, dtype=np.int64), np.array(share, np.float64))
