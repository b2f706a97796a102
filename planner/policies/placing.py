"""Amounts of work into the pools and hours ahead, largest regret first."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Ints

ROUNDING = 1e-9  # of a load
CRUMB = 1e-6  # of a piece: not worth a server


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """n pieces of work: `load` (n,P) server-seconds an hour on each pool, `price` (n,P,H) of the whole.

    An infinite price says never. Lower `rank` (n,) comes first; `whole` (n,) cannot be split; each takes `length` (n,)
    hours in a row.
    """

    load: Floats
    price: Floats
    rank: Ints
    whole: Bools
    length: Ints


def place(work: Work, room: Floats) -> tuple[Ints, Ints, Ints, Floats]:
    """Put work where it is cheapest and has room (P,H), in server-seconds: columns piece, pool, hour, share of it.

    Regret is what the second-best place costs more than the best, per server-second. Within a rank the piece of largest
    regret goes first; when a place is full, what it was best or second-best for is looked at again. What finds no place
    is left out.
    """
    placing = _Placing(work, room)
    while len(placing.queue):
        placing.step()
    return placing.columns()


class _Placing:
    def __init__(self, work: Work, room: Floats) -> None:
        self._work, self._hours = work, room.shape[1]
        self._price = work.price.reshape(len(work.load), room.size).copy()
        self._room = room.reshape(-1).copy()
        self._left = np.ones(len(work.load))
        self._best = np.zeros((len(work.load), 2), dtype=np.int64)
        self._regret = np.zeros(len(work.load))
        self._pieces: list[tuple[Ints, Ints, Floats]] = []
        self.queue: Ints = np.arange(len(work.load))
        self._look(self.queue)

    def step(self) -> None:
        """Place all that fits, in order, up to the first that does not; that one takes what room there is."""
        self.queue = self.queue[np.isfinite(self._price[self.queue, self._best[self.queue, 0]])]
        self.queue = self.queue[np.lexsort((-self._regret[self.queue], self._work.rank[self.queue]))]
        cell = self._best[self.queue, 0]
        load = self._load(self.queue, cell)
        hard = _running(cell, load) > self._room[cell] + ROUNDING * load
        hard |= self._work.length[self.queue] > 1
        end = int(np.argmax(hard)) if hard.any() else len(self.queue)
        self._take(self.queue[:end], cell[:end], self._left[self.queue[:end]])
        if end < len(self.queue) and self._squeezed(int(self.queue[end]), int(cell[end]), float(load[end])):
            end += 1
        self.queue = self.queue[end:]

    def columns(self) -> tuple[Ints, Ints, Ints, Floats]:
        """All that was placed."""
        none = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
        piece, cell, share = (np.concatenate(column) for column in zip(none, *self._pieces, strict=True))
        return piece, cell // self._hours, cell % self._hours, share

    def _load(self, piece: Ints, cell: Ints) -> Floats:
        return np.asarray(self._work.load[piece, cell // self._hours] * self._left[piece])

    def _take(self, piece: Ints, cell: Ints, share: Floats) -> None:
        np.subtract.at(self._room, cell, self._work.load[piece, cell // self._hours] * share)
        self._pieces.append((piece, cell, share.copy()))

    def _squeezed(self, piece: int, cell: int, load: float) -> bool:
        """Whether one piece is done: put whole over its hours, or, where it can be split, as much as there is room."""
        if self._work.whole[piece]:
            hours = min(int(self._work.length[piece]), self._hours - cell % self._hours)
            fits = bool(self._room[cell : cell + hours].min() >= load * (1 - ROUNDING))
            if fits:
                self._room[cell + 1 : cell + hours] -= load
                self._take(np.array([piece]), np.array([cell]), np.ones(1))
            self._price[piece, cell] = np.inf
            self._look(np.array([piece]))
            return fits
        part = max(0.0, float(self._room[cell]) / load) * self._left[piece]
        if part > CRUMB:
            self._take(np.array([piece]), np.array([cell]), np.array([part]))
            self._left[piece] -= part
        self._price[:, cell] = np.inf
        self._look(self.queue[(self._best[self.queue] == cell).any(axis=1)])
        return bool(self._left[piece] <= CRUMB)

    def _look(self, pieces: Ints) -> None:
        """Best and second-best place of some pieces."""
        price = self._price[pieces]
        if price.shape[1] < 2:
            self._regret[pieces] = np.inf
            return
        row = np.arange(len(pieces))
        best = price.argmin(axis=1)
        cost = price[row, best]
        price[row, best] = np.inf
        second = price.argmin(axis=1)
        self._best[pieces] = np.stack([best, second], axis=1)
        load = np.maximum(self._work.load[pieces, best // self._hours], ROUNDING)
        with np.errstate(invalid="ignore"):
            self._regret[pieces] = np.where(np.isfinite(cost), (price[row, second] - cost) / load, 0.0)


def _running(cell: Ints, load: Floats) -> Floats:
    """(n,) the sum of loads on the same cell up to and including each."""
    order = np.argsort(cell, kind="stable")
    total = load[order].cumsum()
    starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
    before = (total - load[order])[starts]
    running = np.empty_like(total)
    running[order] = total - np.repeat(before, np.diff(np.append(starts, len(cell))))
    return running
