"""What the relaxation's multipliers say: the priced cost of every column, and where a plan lies above the bound."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats
from planner.solve.unsplittable.batches import WholeBatches


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """`column` (n,) is a column's cost with the rows it loads, per unit; `row` (m,) a row's multiplier, 0 for (M1);
    `least` (B,) the lowest priced cost of each batch, which the bound counts."""

    column: Floats
    row: Floats
    least: Floats


def prices(whole: WholeBatches, duals: Floats) -> Prices:
    """From the row duals of the relaxation, as HiGHS gives them (d objective / d right-hand side)."""
    row = duals.copy()
    row[whole.rows] = 0.0
    column = whole.program.cost - whole.matrix.T @ row
    per_batch = column[whole.columns] / whole.share[whole.columns]
    least = np.minimum.reduceat(per_batch, whole.first[:-1]) if len(whole) else np.zeros(0)
    return Prices(column, row, least)


def excess_of_batches(whole: WholeBatches, at: Prices, values: Floats) -> Floats:
    """(B,) what each batch costs above its lowest priced cost: its part of the gap to the bound."""
    mine = whole.columns
    paid = np.bincount(whole.batch[mine], at.column[mine] * values[mine], len(whole))
    return np.maximum(paid - at.least, 0.0)


def waste_of_rows(whole: WholeBatches, at: Prices, activity: Floats) -> Floats:
    """(m,) what each row leaves unused of what it is priced for: the other part of the gap."""
    limit = np.where(at.row < 0, whole.program.row_upper, whole.program.row_lower)
    slack = np.abs(np.where(np.isfinite(limit), limit, 0.0) - activity)
    return np.where(at.row != 0, np.abs(at.row) * slack, 0.0)
