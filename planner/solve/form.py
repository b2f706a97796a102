"""A Pyomo model as a matrix, in either of two ways: read row by row where that is enough, else compiled by Pyomo."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from planner.domain.instance import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """min cost x over lower <= matrix x <= upper; `columns` are the Pyomo variables of the matrix's columns.

    `column_of` maps a model's column number to a column of the matrix, -1 where there is none, and `families` a
    constraint's name to (its row keys, their rows in the matrix).
    """

    cost: Floats
    matrix: csr_array
    lower: Floats
    upper: Floats
    columns: Sequence[Any]
    column_of: Ints
    families: Mapping[str, tuple[Ints, Ints]]


def compiled_form(model: Any, columns: Sequence[Any]) -> Form:
    """Pyomo's own compiler: any linear model, and only the columns that occur in a row or the objective."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    kind = np.array([row.bound_type for row in form.rows], dtype=np.int64)
    rhs = np.asarray(form.rhs, dtype=np.float64)
    place = {id(v): i for i, v in enumerate(form.columns)}
    families: dict[str, list[Any]] = {}
    for i, row in enumerate(form.rows):
        families.setdefault(row.constraint.parent_component().name, []).append((row.constraint, i))
    return Form(
        cost=np.asarray(form.c.todense(), dtype=np.float64).ravel(),
        matrix=form.A.tocsr(),
        lower=np.where(kind <= 0, rhs, -np.inf),
        upper=np.where(kind >= 0, rhs, np.inf),
        columns=form.columns,
        column_of=np.array([place.get(id(v), -1) for v in columns], dtype=np.int64),
        families={n: (_keys([c for c, _ in rows]), np.array([i for _, i in rows])) for n, rows in families.items()},
    )


def plain_form(model: Any, columns: Sequence[Any]) -> Form | None:
    """The same, three times faster, of a model that minimises and holds LinearExpressions over free `columns` only.

    None: some body, coefficient or variable is of another kind.
    """
    from pyomo.core import Constraint, Objective, minimize

    objectives = list(model.component_data_objects(Objective, active=True))
    families = {c.name: [row for row in c.values() if row.active] for c in model.component_objects(Constraint)}
    bounded = [row.to_bounded_expression(evaluate_bounds=True) for rows in families.values() for row in rows]
    if len(objectives) != 1 or objectives[0].sense != minimize or any(x.fixed for x in columns):
        return None
    matrix = _matrix([objectives[0].expr, *(body for _, body, _ in bounded)], columns)
    if matrix is None:
        return None
    return Form(
        cost=np.asarray(matrix[[0]].todense(), dtype=np.float64).ravel(),
        matrix=matrix[1:],
        lower=np.array([-np.inf if low is None else low for low, _, _ in bounded], dtype=np.float64),
        upper=np.array([np.inf if high is None else high for _, _, high in bounded], dtype=np.float64),
        columns=columns,
        column_of=np.arange(len(columns)),
        families=dict(_numbered(families)),
    )


def dismantle(model: Any, columns: list[Any]) -> None:
    """Empty a model that has been translated: at a million columns its objects would outweigh the solver's work."""
    columns.clear()
    for component in list(model.component_objects(descend_into=False)):
        model.del_component(component)
        component.clear()  # an objective refers to itself, and would keep its variables alive


def _numbered(families: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, tuple[Ints, Ints]]]:
    first = 0
    for name, rows in families.items():
        if rows:
            yield name, (_keys(rows), first + np.arange(len(rows)))
        first += len(rows)


def _keys(rows: Sequence[Any]) -> Ints:
    """What each row is called in its family; 0 where it is the only one and has no index."""
    return np.array([0 if r.index() is None else r.index() for r in rows], dtype=np.int64)


def _matrix(bodies: Sequence[Any], columns: Sequence[Any]) -> csr_array | None:
    """One row a body, what occurs twice in it added up; None where a body or one of its terms is not plain."""
    from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression

    if any(b.__class__ is not LinearExpression for b in bodies):
        return None
    terms = [t for b in bodies for t in b.args]
    pairs = [t.args if t.__class__ is MonomialTermExpression else (1.0, t) for t in terms]
    place = {id(v): i for i, v in enumerate(columns)}
    index = list(map(place.get, map(id, (v for _, v in pairs))))
    if None in index or not {c.__class__ for c, _ in pairs} <= {float, int}:
        return None
    value = np.array([c for c, _ in pairs], dtype=np.float64)
    column, starts = np.array(index, dtype=np.int32), np.cumsum([0, *(b.nargs() for b in bodies)], dtype=np.int32)
    matrix: csr_array = csr_array((value, column, starts), shape=(len(bodies), len(columns)))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix
