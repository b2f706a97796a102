"""A Pyomo model as the arrays that HiGHS takes: one compile, no copy of the model in between (docs/solver.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Ints


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
    """Compile a Pyomo model; `columns` are its variables in the order of their numbers."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    matrix = form.A.tocsr()
    kind = np.array([row.bound_type for row in form.rows], dtype=np.int64)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    place = {id(v): i for i, v in enumerate(form.columns)}
    lower, upper = _bounds(form.columns)
    return LinearProgram(
        cost=np.asarray(form.c.todense(), dtype=np.float64).ravel(),
        starts=matrix.indptr.astype(np.int32),
        indices=matrix.indices.astype(np.int32),
        values=matrix.data.astype(np.float64),
        row_lower=np.where(kind <= 0, rhs, -np.inf),
        row_upper=np.where(kind >= 0, rhs, np.inf),
        column_lower=lower,
        column_upper=upper,
        integer=np.array([not v.is_continuous() for v in form.columns], dtype=np.int32),
        column_of=np.array([place.get(id(v), -1) for v in columns], dtype=np.int64),
        families=_families(form.rows),
    )


def _bounds(columns: Sequence[Any]) -> tuple[Floats, Floats]:
    bounds = [v.bounds for v in columns]
    lower = np.array([-np.inf if b[0] is None else b[0] for b in bounds], dtype=np.float64)
    return lower, np.array([np.inf if b[1] is None else b[1] for b in bounds], dtype=np.float64)


def _families(rows: Sequence[Any]) -> dict[str, tuple[Ints, Ints]]:
    found: dict[str, tuple[list[int], list[int]]] = {}
    for i, row in enumerate(rows):
        keys, places = found.setdefault(row.constraint.parent_component().name, ([], []))
        keys.append(row.constraint.index())
        places.append(i)
    return {name: (np.array(k, dtype=np.int64), np.array(p, dtype=np.int64)) for name, (k, p) in found.items()}
