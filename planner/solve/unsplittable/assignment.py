"""Whole batches that load one pool and period at most, and nothing else: a generalised assignment problem."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.unsplittable.batches import WholeBatches


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """Options I, batches B, cells K (rows of (M2): a pool and period each).

    `column` (I,) is an option's column in the programme, `batch` and `cell` (I,) what it serves and loads (-1: a miss,
    which loads nothing), `cost` (I,), `weight` (I,) its load as a share of the cell's capacity. `inside` lists the
    options of each cell that fit into it, batch by batch; `period` (K,) is the cell's.
    """

    column: Ints
    batch: Ints
    cell: Ints
    cost: Floats
    weight: Floats
    batches: int
    inside: tuple[Ints, ...]
    period: Ints

    def taken(self, values: Floats) -> Ints:
        """(B,) the option of each batch in a plan (values of the programme's columns)."""
        now = np.flatnonzero(values[self.column] > 0.5)
        return now[np.argsort(self.batch[now], kind="stable")]

    @property
    def outside(self) -> Ints:
        """(I',) options that load no cell."""
        return np.flatnonzero(self.cell < 0)


def assignment(whole: WholeBatches) -> Assignment | None:
    """The same programme cell by cell; None where it holds more: servers, flows, jobs of several periods, totals."""
    program = whole.program
    if set(program.families) - {"M1", "M2"} or not len(whole) or len(whole.columns) < len(program.cost):
        return None
    _, rows = program.families.get("M2", (None, np.zeros(0, dtype=np.int64)))
    number = np.full(len(program.row_lower), -1)
    number[rows] = np.arange(len(rows))
    which, row, load = whole.entries(whole.columns)
    loads = number[row] >= 0
    which, cells, load = which[loads], number[row[loads]], load[loads]
    if len(np.unique(which)) < len(which) or not (whole.share[whole.columns] == 1).all():
        return None
    capacity = program.row_upper[rows]
    cell, weight = np.full(len(whole.columns), -1), np.zeros(len(whole.columns))
    cell[which] = cells
    with np.errstate(divide="ignore"):
        weight[which] = load / np.maximum(capacity[cells], 0.0)
    batch = whole.batch[whole.columns]
    return Assignment(
        column=whole.columns,
        batch=batch,
        cell=cell,
        cost=program.cost[whole.columns],
        weight=weight,
        batches=len(whole),
        inside=_by_cell(cell, weight, batch, len(rows)),
        period=whole.period[rows],
    )


def _by_cell(cell: Ints, weight: Floats, batch: Ints, cells: int) -> tuple[Ints, ...]:
    fitting = np.flatnonzero((cell >= 0) & (weight <= 1.0))
    order = fitting[np.lexsort((batch[fitting], cell[fitting]))]
    return tuple(np.split(order, np.searchsorted(cell[order], np.arange(1, cells)))) if cells else ()
