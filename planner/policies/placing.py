"""Amounts of work into the pools and hours ahead, largest regret first."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Ints

ROUNDING = 1e-9  # of a load
CRUMB = 1e-6  # of a piece: not worth a server
FINITE = np.finfo(np.float64).max


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
    regret goes first, of equals the first; when a place is full, what it was best or second-best for is looked at
    again. What finds no place is left out.
    """
    placing = _Placing(work, room)
    for rank in np.unique(work.rank):
        placing.put(np.flatnonzero(work.rank == rank))
    return placing.columns()


class _Placing:
    """Numbers that are asked for one by one are kept as plain ones: for these, arrays are slow.

    A piece's best place is taken out of its prices, so that one look more finds the second-best.
    """

    def __init__(self, work: Work, room: Floats) -> None:
        self._whole, self._length, self._load = work.whole.tolist(), work.length.tolist(), work.load.tolist()
        self._hours = room.shape[1]
        self._price = work.price.reshape(len(work.load), room.size).copy()
        self._prices = list(self._price)  # the same, a view a piece
        self._room: list[float] = room.reshape(-1).tolist()
        self._left = [1.0] * len(work.load)
        self._choice = [(-1, np.inf, -1, np.inf)] * len(work.load)  # best place, its cost, second-best place, its cost
        # By place: the pieces that it is, or once was, best or second-best for.
        self._watchers: list[list[int]] = [[] for _ in range(room.size)]
        self._regret = np.full(len(work.load), -np.inf)  # of what is not to be placed now, or no more
        self._taken: list[tuple[int, int, float]] = []

    def put(self, pieces: Ints) -> None:
        """Place some pieces, one after another."""
        self._look(pieces)
        piece = int(self._regret.argmax())
        while self._regret[piece] >= 0:
            self._step(piece, self._choice[piece][0])
            piece = int(self._regret.argmax())

    def columns(self) -> tuple[Ints, Ints, Ints, Floats]:
        """All that was placed."""
        piece, cell, share = np.array(self._taken, dtype=np.float64).reshape(-1, 3).T
        at = cell.astype(np.int64)
        return piece.astype(np.int64), at // self._hours, at % self._hours, share

    def _step(self, piece: int, cell: int) -> None:
        """Place one piece; where it does not fit it takes what room there is."""
        load = self._load[piece][cell // self._hours] * self._left[piece]
        if self._whole[piece] and self._length[piece] > 1:
            self._put_whole(piece, cell, load)
        elif load * (1 - ROUNDING) <= self._room[cell]:
            self._take(piece, cell, load, self._left[piece])
            self._regret[piece] = -np.inf
        elif self._whole[piece]:
            self._look_again(piece, cell)
        else:
            self._fill(piece, cell, load)

    def _take(self, piece: int, cell: int, load: float, share: float) -> None:
        self._room[cell] = max(0.0, self._room[cell] - load)
        self._taken.append((piece, cell, share))

    def _put_whole(self, piece: int, cell: int, load: float) -> None:
        """Over all the hours that it takes, or not here."""
        end = cell + min(self._length[piece], self._hours - cell % self._hours)
        if min(self._room[cell:end]) < load * (1 - ROUNDING):
            self._look_again(piece, cell)
            return
        self._take(piece, cell, load, 1.0)
        self._room[cell + 1 : end] = [room - load for room in self._room[cell + 1 : end]]
        self._regret[piece] = -np.inf

    def _fill(self, piece: int, cell: int, load: float) -> None:
        """Take all the room that is left, which closes the place for everything."""
        part = self._room[cell] / load * self._left[piece]
        if part > CRUMB:
            self._take(piece, cell, self._room[cell], part)
            self._left[piece] -= part
        if self._left[piece] <= CRUMB:
            self._regret[piece] = -np.inf
        self._price[:, cell] = np.inf
        touched, self._watchers[cell] = self._watchers[cell], []
        for other in touched:
            if self._regret[other] >= 0:
                self._look_again(other, cell)

    def _look(self, pieces: Ints) -> None:
        """Best and second-best place of pieces never looked at."""
        price, rows = self._price[pieces], np.arange(len(pieces))
        best = price.argmin(axis=1)
        cost = price[rows, best]
        self._price[pieces, best] = price[rows, best] = np.inf
        second = price.argmin(axis=1)
        found = best, cost, second, price[rows, second]
        for piece, *choice in zip(pieces.tolist(), *(a.tolist() for a in found), strict=True):
            self._choose(piece, *choice)
            self._watchers[choice[0]].append(piece)

    def _look_again(self, piece: int, closed: int) -> None:
        """Best and second-best place of a piece to which a place is closed, once one of the two."""
        price = self._prices[piece]
        best, cost, second, more = self._choice[piece]
        if best == closed:
            best, cost = second, more
            price[best] = np.inf
        elif second != closed:
            return  # it has long looked elsewhere
        second = int(price.argmin())
        self._choose(piece, best, cost, second, price.item(second))

    def _choose(self, piece: int, best: int, cost: float, second: int, more: float) -> None:
        self._choice[piece] = best, cost, second, more
        self._watchers[second].append(piece)
        load = self._load[piece][best // self._hours]
        self._regret[piece] = (more - cost) / max(load, ROUNDING) if cost <= FINITE else -np.inf
