"""Column generation over patterns, the sets of batches that share a cell (Dantzig and Wolfe 1960).

The knapsack of every cell is kept whole and only (M1) is priced, so the bound lies above that of the relaxation, and
patterns, unlike single options, know what fits together.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack, vstack

from planner.domain.instance import Bools, Floats, Ints
from planner.solve.highs import Answer, Session
from planner.solve.translate import LinearProgram
from planner.solve.unsplittable.assignment import Assignment
from planner.solve.unsplittable.knapsack import fullest

ROOM = 10_000  # units of a cell's capacity; weights are rounded up, so that a pattern fits
BOX = 0.05  # of a batch's first price: how far prices may move before the box is widened
LEAST_BOX = 1e-3  # of the largest first price
DEAR = 5.0  # times the dearest side of the box
WIDENINGS = 8  # at most, each twice as far: a batch that fits nowhere would pay for any box
SMOOTHING = 0.5  # weight of the best prices so far where the next patterns are priced (Wentges 1997)
PRIMAL = 4  # HiGHS's number of the primal simplex method
CLOSE = 2e-5  # relative distance between master and Lagrangian at which prices are good enough


class Patterns:
    """The master programme: columns are patterns, rows batches (served once) and cells (one pattern at most)."""

    def __init__(self, problem: Assignment, prices: Floats, *, threads: int, seed: int) -> None:
        self.problem = problem
        self.cell: list[int] = []
        self.options: list[Ints] = []
        self._holding: list[list[int]] = [[] for _ in range(problem.batches)]
        self._of_cell: list[list[int]] = [[] for _ in problem.inside]
        self._seen: set[tuple[int, bytes]] = set()
        self._weight = np.ceil(np.minimum(problem.weight, 1.0) * ROOM * (1 - 1e-12)).astype(np.int64)
        width = np.maximum(BOX * np.abs(prices), LEAST_BOX * np.abs(prices).max(initial=0.0))
        self._width, self._low, self._high = width, prices - width, prices + width
        self._first = 2 * problem.batches + len(problem.outside)
        self._session = Session(_empty(problem, self._low, self._high), threads=threads, seed=seed)
        self._session.set({"simplex_strategy": PRIMAL})  # a new column leaves the basis primal feasible

    def solved(self) -> Answer:
        """The master over the patterns so far."""
        return self._session.run()

    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C while the master was solved."""
        return self._session.interrupted()

    def shares(self, answer: Answer) -> Floats:
        """(n,) share of each pattern."""
        return np.zeros(0) if answer.values is None else answer.values[self._first :]

    def missed(self, answer: Answer) -> Ints:
        """Options outside all cells that the master takes whole."""
        mine = slice(2 * self.problem.batches, self._first)
        return self.problem.outside[np.zeros(0, int) if answer.values is None else answer.values[mine] > 0.5]

    def price(self, prices: Floats, shut: Bools) -> tuple[float, int]:
        """The best pattern of every cell that is not `shut`: the Lagrangian at these prices, and how many are new."""
        problem, new = self.problem, 0
        out = problem.outside
        bound = float(prices.sum() + np.minimum(problem.cost[out] - prices[problem.batch[out]], 0.0).sum())
        for k in np.flatnonzero(~shut).tolist():
            value, chosen = self._best(k, prices)
            bound -= value
            new += self.add(k, chosen)
        return bound, new

    def close(self, column: int) -> None:
        """Take a pattern whole; those that share its cell or a batch with it are worth nothing any more."""
        rivals = set(self._of_cell[self.cell[column]])
        for b in self.problem.batch[self.options[column]].tolist():
            rivals.update(self._holding[b])
        self._bound(sorted(rivals - {column}), 0.0)
        self._bound([column], 1.0)

    def widen(self, answer: Answer) -> bool:
        """Move the sides of the box that the master pays for; whether there was any."""
        if answer.values is None:
            return False
        pays = answer.values[: 2 * self.problem.batches] > 1e-7
        low, high = pays[self.problem.batches :], pays[: self.problem.batches]
        self._width = 2 * self._width
        self._low = self._low - np.where(low, self._width, 0.0)
        self._high = self._high + np.where(high, self._width, 0.0)
        self._reprice(self._low, self._high)
        return bool(pays.any())

    def only(self, served: Bools, shut: Bools) -> None:
        """No pattern of a `shut` (K,) cell or with a `served` (B,) batch; instead of the box, leaving any other batch
        out costs more than anything, and serving one twice costs nothing."""
        closed = [shut[k] or served[self.problem.batch[o]].any() for k, o in zip(self.cell, self.options, strict=True)]
        at = np.arange(len(closed)) + self._first
        self._session.bound(at, np.zeros(len(at)), np.where(closed, 0.0, np.inf))
        dear = DEAR * np.abs(self._high).max(initial=0.0)
        self._reprice(np.zeros_like(self._low), np.where(served, 0.0, dear))

    def _best(self, k: int, prices: Floats) -> tuple[float, Ints]:
        inside = self.problem.inside[k]
        value = prices[self.problem.batch[inside]] - self.problem.cost[inside]
        pays = value > 0
        inside, value = inside[pays], value[pays]
        if not len(inside):
            return 0.0, inside
        worth, chosen = fullest(value, self._weight[inside], self.problem.batch[inside], ROOM)
        return worth, inside[chosen]

    def add(self, k: int, chosen: Ints) -> bool:
        """A pattern of a cell, its options batch by batch; whether it is a new one."""
        key = (k, chosen.tobytes())
        if not len(chosen) or key in self._seen:
            return False
        self._seen.add(key)
        number = len(self.cell)
        batches = self.problem.batch[chosen]
        self._session.add_column(float(self.problem.cost[chosen].sum()), np.append(batches, self.problem.batches + k))
        self.cell.append(k)
        self.options.append(chosen)
        self._of_cell[k].append(number)
        for b in batches.tolist():
            self._holding[b].append(number)
        return True

    def _bound(self, patterns: list[int], value: float) -> None:
        at = np.array(patterns, dtype=np.int64) + self._first
        self._session.bound(at, np.full(len(at), value), np.full(len(at), value))

    def _reprice(self, low: Floats, high: Floats) -> None:
        self._session.price(np.arange(2 * self.problem.batches), np.concatenate([high, -low]))


def generate(patterns: Patterns, prices: Floats, over: Callable[[], bool]) -> Floats:
    """Add patterns until the master and the Lagrangian meet or time is `over`: the prices (B,) of the best Lagrangian.

    It is that of weights rounded up, so a guide and not yet a bound.
    """
    nothing_shut = np.zeros(len(patterns.problem.inside), dtype=np.bool_)
    best, at = patterns.price(prices, nothing_shut)[0], prices
    widened = 0
    while not over():
        answer = patterns.solved()
        if answer.duals is None or answer.objective is None:
            break
        tried = SMOOTHING * at + (1 - SMOOTHING) * answer.duals[: len(prices)]
        bound, new = patterns.price(tried, nothing_shut)
        if bound > best:
            best, at = bound, tried
        met = answer.objective - best < CLOSE * abs(best) or not new
        if met and (widened == WIDENINGS or not patterns.widen(answer)):
            break
        widened += met
    return at


def _empty(problem: Assignment, low: Floats, high: Floats) -> LinearProgram:
    """No pattern yet: batches are left out at `high`, served twice at -`low`, or missed."""
    size, cells, out = problem.batches, len(problem.inside), problem.outside
    missed = csr_array((np.ones(len(out)), (problem.batch[out], np.arange(len(out)))), shape=(size, len(out)))
    unit = eye_array(size, format="csr")
    served = hstack([unit, -unit, missed], format="csr")
    matrix = csr_array(vstack([served, csr_array((cells, served.shape[1]))], format="csr"))
    columns = matrix.shape[1]
    return LinearProgram(
        cost=np.concatenate([high, -low, problem.cost[out]]),
        starts=matrix.indptr.astype(np.int32),
        indices=matrix.indices.astype(np.int32),
        values=matrix.data,
        row_lower=np.concatenate([np.ones(size), np.full(cells, -np.inf)]),
        row_upper=np.ones(size + cells),
        column_lower=np.zeros(columns),
        column_upper=np.concatenate([np.full(2 * size, np.inf), np.ones(len(out))]),
        integer=np.zeros(columns, dtype=np.int32),
        column_of=np.arange(columns),
        families={},
    )
