"""Chains and cycles of moves: each batch takes the place that the next one leaves, all at once.

What single moves and pairs no longer improve, chains of four often do, in a tenth of a second. Source: Yagiura, Ibaraki
and Glover, An ejection chain approach for the generalized assignment problem, INFORMS J. Computing 16, 2004; that a
cycle that pays has a batch from which all its partial sums pay: Lin and Kernighan 1973.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.unsplittable.assignment import Assignment
from planner.solve.unsplittable.batches import ranges

LONGEST = 4  # moves
BEAM = 6000  # chains that are prolonged, the best first
KEPT = 500  # chains that pay, of each length
ROUNDING = 1e-12  # of a cell
LEAST_GAIN = 1e-9  # of the plan's cost
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Every move of one batch that its new cell has room for, if `pushed` (-1: nobody) leaves it; sorted by batch.

    (E,) each: `option` that it takes, its `batch`, the `change` in cost. Moves of batch b: `first[b] : first[b + 1]`.
    """

    option: Ints
    batch: Ints
    change: Floats
    pushed: Ints
    first: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """(C,) chains: `moves` (C,L) one after the other, their `change` together, the `cells` (C,L+1) that they touch."""

    moves: Ints
    change: Floats
    cells: Ints

    def __getitem__(self, which: Ints | slice) -> "Chains":
        return Chains(self.moves[which], self.change[which], self.cells[which])


def exchanged(problem: Assignment, values: Floats) -> Floats:
    """(n,) the programme's values with one option a batch, after all chains that pay."""
    now = problem.taken(values)
    while True:
        moved = now.copy()
        for options in _disjoint(problem, now):
            moved[problem.batch[options]] = options
        if (moved == now).all():
            break
        now = moved
    out = values.copy()
    out[problem.column] = 0.0
    out[problem.column[now]] = 1.0
    return out


def _disjoint(problem: Assignment, now: Ints) -> Iterator[Ints]:
    """The options of chains that share no cell and no batch, the most rewarding first."""
    moves = _moves(problem, now)
    found = [chains[i : i + 1] for chains in _paying(problem, now, moves) for i in range(len(chains.change))]
    used: set[tuple[str, int]] = set()
    for chain in sorted(found, key=lambda one: float(one.change[0])):
        options = moves.option[chain.moves[0]]
        touched = {("cell", k) for k in chain.cells[0].tolist() if k != NOBODY}
        touched |= {("batch", b) for b in problem.batch[options].tolist()}
        if not used & touched:
            used |= touched
            yield options


def _moves(problem: Assignment, now: Ints) -> Moves:
    cell, weight = problem.cell[now], problem.weight[now]
    loaded = cell != NOBODY
    room = 1.0 - np.bincount(cell[loaded], weight[loaded], len(problem.inside)) + ROUNDING
    others = np.flatnonzero((problem.cell != cell[problem.batch]) & (problem.weight <= 1.0))
    to = problem.cell[others]
    free = others[(to == NOBODY) | (problem.weight[others] <= room[to])]
    inside = others[to != NOBODY]
    by_cell = np.argsort(cell, kind="stable")
    begin, end = (np.searchsorted(cell[by_cell], problem.cell[inside], side) for side in ("left", "right"))
    pushing, pushed = np.repeat(inside, end - begin), by_cell[ranges(begin, end)]
    fits = problem.weight[pushing] <= room[problem.cell[pushing]] + weight[pushed]
    option = np.concatenate([free, pushing[fits]])
    pushed = np.concatenate([np.full(len(free), NOBODY), pushed[fits]])
    order = np.argsort(problem.batch[option], kind="stable")
    option, pushed = option[order], pushed[order]
    batch = problem.batch[option]
    return Moves(
        option=option,
        batch=batch,
        change=problem.cost[option] - problem.cost[now[batch]],
        pushed=pushed,
        first=np.searchsorted(batch, np.arange(problem.batches + 1)),
    )


def _paying(problem: Assignment, now: Ints, moves: Moves) -> Iterator[Chains]:
    """Chains that end in free room or where they began, and cost less than nothing."""
    cell = problem.cell[now]
    least = -LEAST_GAIN * float(np.abs(problem.cost[now]).sum())
    every = np.arange(len(moves.option))
    open_ = Chains(every[:, None], moves.change, np.stack([cell[moves.batch], problem.cell[moves.option]], axis=1))
    for _ in range(LONGEST):
        open_ = open_[np.flatnonzero(open_.change < least)]
        first, pushed = moves.batch[open_.moves[:, 0]], moves.pushed[open_.moves[:, -1]]
        closed = (pushed == NOBODY) | (pushed == first)
        yield _lowest(open_[np.flatnonzero(closed)], KEPT)
        open_ = _longer(problem, moves, open_[np.flatnonzero(~closed)])


def _lowest(chains: Chains, most: int) -> Chains:
    if len(chains.change) <= most:
        return chains
    return chains[np.argpartition(chains.change, most)[:most]]


def _longer(problem: Assignment, moves: Moves, chains: Chains) -> Chains:
    """Every chain with every move of the batch that it pushed out last, into cells that it has not touched yet."""
    chains = _lowest(chains, BEAM)
    pushed = moves.pushed[chains.moves[:, -1]]
    begin, end = moves.first[pushed], moves.first[pushed + 1]
    which, move = np.repeat(np.arange(len(pushed)), end - begin), ranges(begin, end)
    to = problem.cell[moves.option[move]]
    back = moves.pushed[move] == moves.batch[chains.moves[which, 0]]
    fresh = back | (chains.cells[which] != to[:, None]).all(axis=1)
    which, move, to = which[fresh], move[fresh], to[fresh]
    return Chains(
        moves=np.column_stack([chains.moves[which], move]),
        change=chains.change[which] + moves.change[move],
        cells=np.column_stack([chains.cells[which], to]),
    )
