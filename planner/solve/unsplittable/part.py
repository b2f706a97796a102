"""The part of a programme that some columns span while all the others keep their values."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack

from planner.domain.instance import Bools, Floats, Ints
from planner.solve.translate import LinearProgram
from planner.solve.unsplittable.batches import WholeBatches
from planner.solve.unsplittable.incumbent import Incumbent

PENALTY = 10.0  # times all that the free columns may save, for what is broken now


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """`program` has a column for each of `columns`, then one for each broken row: what it may go on lacking.

    `start` are the present values of all its columns.
    """

    program: LinearProgram
    columns: Ints
    start: Floats

    def spread(self, found: Floats, values: Floats) -> Floats:
        """(n,) the values of the whole programme with those found here, integral ones rounded."""
        out, mine = values.copy(), found[: len(self.columns)]
        out[self.columns] = np.where(self.program.integer[: len(mine)] > 0, np.round(mine), mine)
        return out


def part(whole: WholeBatches, plan: Incumbent, columns: Ints) -> Part:
    """A small programme of its own: HiGHS need not look at what is fixed.

    Rows that the present values break may stay broken, at a price above anything that the columns can save, but never
    more than now.
    """
    program, values, activity = whole.program, plan.values, plan.activity
    matrix = whole.matrix[:, columns]
    rows = np.unique(matrix.indices)
    inside = matrix.tocsr()[rows]
    fixed = activity[rows] - inside @ values[columns]
    excess = whole.excess(activity)[rows]
    broken = np.flatnonzero(excess > 0)
    above = activity[rows][broken] > program.row_upper[rows][broken]
    joined = _with_slack(inside, broken, above)
    price = PENALTY * _range(whole, columns) / max(float(excess.sum()), 1e-300)
    more = np.zeros(len(broken))
    return Part(
        program=LinearProgram(
            cost=np.concatenate([program.cost[columns], more + price]),
            starts=joined.indptr.astype(np.int32),
            indices=joined.indices.astype(np.int32),
            values=joined.data,
            row_lower=program.row_lower[rows] - fixed,
            row_upper=program.row_upper[rows] - fixed,
            column_lower=np.concatenate([program.column_lower[columns], more]),
            column_upper=np.concatenate([program.column_upper[columns], excess[broken]]),
            integer=np.concatenate([program.integer[columns], more.astype(np.int32)]),
            column_of=np.arange(joined.shape[1]),
            families={},
        ),
        columns=columns,
        start=np.concatenate([values[columns], excess[broken]]),
    )


def _with_slack(inside: csr_array, broken: Ints, above: Bools) -> csr_array:
    """A column more for each broken row, -1 where it lies above its limit, 1 where below."""
    sign = np.where(above, -1.0, 1.0)
    slack = csr_array((sign, (broken, np.arange(len(broken)))), shape=(inside.shape[0], len(broken)))
    return csr_array(hstack([inside, slack], format="csr"))


def _range(whole: WholeBatches, columns: Ints) -> float:
    """The most that the columns' batches and companions can cost: no saving is larger."""
    program = whole.program
    upper = np.minimum(program.column_upper[columns], 1e6)
    return float((np.abs(program.cost[columns]) * upper).sum())
