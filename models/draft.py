"""A model in the making: a Pyomo model whose columns also have numbers, so that terms can be written with arrays."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyomo.core as pyo  # environ loads plug-ins for solvers and extensions, twice as much as is used
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Options


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """Columns that serve: what each takes per unit; its load as triples (column, cell = pool * T + period, seconds).

    Columns of one `group` (a batch, or a class) may serve at most `limit` units in a period; (M10) needs it.
    """

    columns: Ints
    workload: Ints
    group: Ints
    limit: Floats
    violations: Floats
    takes: dict[str, Floats]
    load_column: Ints
    load_cell: Ints
    load_seconds: Floats


@dataclass(slots=True, eq=False)
class Draft:
    """`columns[i]` is the Pyomo variable of column number i; `price[i]` its objective coefficient."""

    options: Options
    model: pyo.ConcreteModel = field(default_factory=pyo.ConcreteModel)
    columns: list[Any] = field(default_factory=list)
    prices: list[Floats] = field(default_factory=list)
    integer: list[int] = field(default_factory=list)
    serving: list[Serving] = field(default_factory=list)
    numbers: dict[str, Ints] = field(default_factory=dict)
    takes: list[tuple[Ints, dict[str, Floats]]] = field(default_factory=list)
    groups: int = 0

    @property
    def instance(self) -> Instance:
        """The instance that is modelled."""
        return self.options.instance

    def add_columns(self, name: str, upper: Floats, *, price: Floats | float = 0.0, whole: Ints | None = None) -> Ints:
        """Non-negative columns; `whole` are the positions that must be integral. Returns their numbers."""
        n, first = len(upper), len(self.columns)
        variables = pyo.Var(range(n), bounds=(0.0, None))  # alike ones are copies, three times cheaper than a rule
        self.model.add_component(name, variables)
        columns = list(variables.values())
        for i in np.flatnonzero(upper < np.inf).tolist():
            columns[i].ub = float(upper[i])
        for i in () if whole is None else whole.tolist():
            columns[i].domain = pyo.Integers
            self.integer.append(first + i)
        self.columns.extend(columns)
        self.prices.append(np.broadcast_to(np.asarray(price, dtype=np.float64), (n,)))
        self.numbers[name] = np.arange(first, first + n)
        return self.numbers[name]

    def add_rows(
        self,
        name: str,
        row: Ints,
        column: Ints,
        coefficient: Floats,
        *,
        lower: Floats | None = None,
        upper: Floats | None = None,
    ) -> None:
        """Rows lower <= sum coefficient * column <= upper from triples; a row without entries is left out."""
        if not len(row):
            return
        order = np.argsort(row, kind="stable")
        rows, starts = np.unique(row[order], return_index=True)
        terms = self.terms(column[order], coefficient[order])
        body = (LinearExpression(terms[a:b]) for a, b in pairwise([*starts.tolist(), len(row)]))
        low, high = ([None] * len(rows) if x is None else x[rows].tolist() for x in (lower, upper))
        bounded = dict(zip(rows.tolist(), zip(low, body, high, strict=True), strict=True))
        self.model.add_component(name, pyo.Constraint(rows.tolist(), rule=lambda _, r: bounded[r]))

    def terms(self, column: Ints, coefficient: Floats) -> list[Any]:
        """coefficient * column each; where the coefficient is 1 the variable alone, which is ten times cheaper."""
        variables = [self.columns[i] for i in column.tolist()]
        if (coefficient == 1.0).all():
            return variables
        pairs = zip(coefficient.tolist(), variables, strict=True)
        return [x if c == 1.0 else MonomialTermExpression((c, x)) for c, x in pairs]

    def new_groups(self, count: int) -> int:
        """Reserve numbers for `count` groups; returns the first."""
        self.groups += count
        return self.groups - count

    def joined_load(self) -> tuple[Ints, Ints, Floats]:
        """The load triples (column, cell, server-seconds) of everything that serves."""
        parts = [(s.load_column, s.load_cell, s.load_seconds) for s in self.serving]
        column, cell, seconds = (np.concatenate([p[i] for p in parts]) for i in range(3))
        return column.astype(np.int64), cell.astype(np.int64), seconds
