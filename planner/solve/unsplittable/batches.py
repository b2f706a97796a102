"""A programme seen batch by batch: which columns serve or miss a whole batch, and what a choice of them breaks."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csc_array, csr_array

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.results import FEASIBILITY
from planner.solve.translate import LinearProgram


@dataclass(frozen=True, slots=True, eq=False)
class WholeBatches:
    """The columns of every batch that may not be split; servers, flows and splittable batches are *companions*.

    `batch` (n,) is the batch here that a column serves or misses, -1 for companions; `share` (n,) is what one unit of a
    column serves of its batch. `columns` lists the columns of batch b at `first[b] : first[b + 1]`, `rows` (B,) are
    their rows (M1), `number` (B,) their numbers in the instance. `period` (m,) is the period whose servers a row of
    (M2) limits, -1 for other rows.
    """

    program: LinearProgram
    number: Ints
    matrix: csc_array
    by_row: csr_array
    batch: Ints
    share: Floats
    columns: Ints
    first: Ints
    rows: Ints
    period: Ints
    local: Bools

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, batches: Ints) -> Ints:
        """The columns of some batches, batch by batch."""
        return self.columns[ranges(self.first[batches], self.first[batches + 1])]

    def entries(self, columns: Ints) -> tuple[Ints, Ints, Floats]:
        """The matrix's entries of some columns: position among the columns, row, coefficient."""
        pointer = self.matrix.indptr.astype(np.int64)
        begin, end = pointer[columns], pointer[columns + 1]
        at = ranges(begin, end)
        which = np.repeat(np.arange(len(columns)), end - begin)
        return which, self.matrix.indices[at].astype(np.int64), self.matrix.data[at]

    def reached(self, columns: Ints) -> Ints:
        """Companions that a change of these columns may change: servers and flows of their pools and periods, and what
        shares a row with those (starts, what waits)."""
        companions = columns[:0]
        row = np.unique(self.entries(columns)[1])
        for _ in range(2):
            near = np.unique(self.by_row[row[self.local[row]]].indices)
            companions = near[self.batch[near] < 0].astype(np.int64)
            row = np.unique(self.entries(companions)[1])
        return companions

    def activity(self, values: Floats) -> Floats:
        """(m,) what columns add up to in each row."""
        return np.asarray(self.matrix @ values)

    def excess(self, activity: Floats) -> Floats:
        """(m,) by how much each row is broken; 0 within the tolerance of MODEL.md 7."""
        over = np.maximum(activity - self.program.row_upper, self.program.row_lower - activity)
        bound = np.where(activity > self.program.row_upper, self.program.row_upper, self.program.row_lower)
        allowed = FEASIBILITY * np.maximum(1.0, np.abs(np.where(np.isfinite(bound), bound, 0.0)))
        return np.where(over > allowed, over, 0.0)


def whole_batches(program: LinearProgram, *, periods: int) -> WholeBatches:
    """The whole batches of a programme: the rows of (M1) with integral columns."""
    shape = (len(program.row_lower), len(program.cost))
    by_row = csr_array((program.values, program.indices, program.starts), shape=shape)
    numbers, served = program.families.get("M1", (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
    part = by_row[served].tocoo()
    row, column, share = part.coords[0], part.coords[1].astype(np.int64), part.data
    whole = np.bincount(row, program.integer[column] > 0, len(served)) > 0
    number = np.where(whole, np.cumsum(whole) - 1, -1)[row]
    kept = number >= 0
    batch, unit = np.full(shape[1], -1), np.zeros(shape[1])
    batch[column[kept]], unit[column[kept]] = number[kept], share[kept]
    columns = np.flatnonzero(batch >= 0)
    columns = columns[np.argsort(batch[columns], kind="stable")]
    period = np.full(shape[0], -1)
    cells, rows = program.families.get("M2", (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
    period[rows] = cells % periods
    return WholeBatches(
        program=program,
        number=numbers[whole],
        matrix=by_row.tocsc(),
        by_row=by_row,
        batch=batch,
        share=unit,
        columns=columns,
        first=np.searchsorted(batch[columns], np.arange(int(whole.sum()) + 1)),
        rows=served[whole],
        period=period,
        local=_local(program),
    )


def _local(program: LinearProgram) -> Bools:
    """All rows but those of totals: (M11) and (M12) touch everything, so they lead nowhere."""
    local = np.ones(len(program.row_lower), dtype=np.bool_)
    for name, (_, rows) in program.families.items():
        local[rows] = not name.startswith(("M11", "M12"))
    return local


def ranges(begin: Ints, end: Ints) -> Ints:
    """begin[0] .. end[0] - 1, begin[1] .. end[1] - 1, ..."""
    size = end - begin
    return np.asarray(np.arange(int(size.sum())) + np.repeat(begin - (np.cumsum(size) - size), size), dtype=np.int64)
