"""A Pyomo model as the arrays that HiGHS takes: one compile, no copy of the model in between (docs/solver.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.form import compiled_form, plain_form


@dataclass(frozen=True, slots=True, eq=False)
class LinearProgram:
    """min cost x over row_lower <= A x <= row_upper and column bounds; A by rows (starts, indices, values).

    `column_of` maps a model's column number to a column here, -1 where it occurs in no row and no objective.
    `families` maps a constraint's name to (its row keys, their rows here).
    """

    cost: Floats
    starts: Ints
    indices: Ints
    values: Floats
    row_lower: Floats
    row_upper: Floats
    column_lower: Floats
    column_upper: Floats
    integer: Ints
    column_of: Ints
    families: dict[str, tuple[Ints, Ints]]

    def spread(self, values: Floats) -> Floats:
        """Values of the columns here -> values by the model's column numbers; an unused column is 0."""
        return np.where(self.column_of >= 0, values[self.column_of], 0.0)


def translate(model: Any, columns: Sequence[Any]) -> LinearProgram:
    """A Pyomo model as arrays; `columns` are its variables in the order of their numbers."""
    form = plain_form(model, columns) or compiled_form(model, columns)
    lower, upper = _bounds(form.columns)
    return LinearProgram(
        cost=form.cost,
        starts=form.matrix.indptr.astype(np.int32),
        indices=form.matrix.indices.astype(np.int32),
        values=form.matrix.data.astype(np.float64),
        row_lower=form.lower,
        row_upper=form.upper,
        column_lower=lower,
        column_upper=upper,
        integer=np.array([not v.is_continuous() for v in form.columns], dtype=np.int32),
        column_of=form.column_of,
        families=dict(form.families),
    )


def _bounds(columns: Sequence[Any]) -> tuple[Floats, Floats]:
    bounds = [v.bounds for v in columns]
    lower = np.array([-np.inf if b[0] is None else b[0] for b in bounds], dtype=np.float64)
    return lower, np.array([np.inf if b[1] is None else b[1] for b in bounds], dtype=np.float64)
