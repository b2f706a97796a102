"""Both ways from a Pyomo model to a matrix agree; the short one declines what it cannot read."""

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression

from models.formulations import Auto, TimeIndexed
from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.protocols import Formulation
from planner.io.instances import load_instance
from planner.solve.form import Form, compiled_form, dismantle, plain_form


def dense(form: Form, count: int) -> dict[str, Any]:
    """What a form says, rows named by family and key and columns by the model's numbers."""
    used = form.column_of >= 0
    place = form.column_of[used]
    matrix = form.matrix.toarray()
    out: dict[str, Any] = {"cost": np.zeros(count)}
    out["cost"][used] = form.cost[place]
    for name, (keys, rows) in form.families.items():
        for key, row in zip(keys.tolist(), rows.tolist(), strict=True):
            values = np.zeros(count)
            values[used] = matrix[row, place]
            out[f"{name}[{key}]"] = np.concatenate([values, [form.lower[row], form.upper[row]]])
    return out


@pytest.mark.parametrize(
    "name", ["tiny/cost-cap", "tiny/slo-budget", "tiny/map-one-switch", "tiny/min-uptime", "tiny/contiguous-job"]
)
@pytest.mark.parametrize("formulation", [Auto(), TimeIndexed()])
def test_reading_agrees_with_compiling(name: str, formulation: Formulation) -> None:
    instance: Instance = load_instance(name)
    built = formulation.build(options(instance))
    read = plain_form(built.model, built.columns)
    assert read is not None
    found, expected = (dense(f, len(built.columns)) for f in (read, compiled_form(built.model, built.columns)))
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        np.testing.assert_array_equal(found[key], values, err_msg=key)


def small(change: Callable[[pyo.ConcreteModel], None]) -> tuple[pyo.ConcreteModel, list[Any]]:
    """min x0 + 2 x1 with x0 + 3 x1 >= 1, changed."""
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(2), bounds=(0, None))
    x = list(model.x.values())
    terms = [x[0], MonomialTermExpression((3.0, x[1]))]
    model.row = pyo.Constraint([7], rule=lambda _, __: (1.0, LinearExpression(terms), None))
    model.objective = pyo.Objective(expr=LinearExpression(constant=0, linear_coefs=[1.0, 2.0], linear_vars=x))
    change(model)
    return model, x


def test_a_plain_model_is_read() -> None:
    model, columns = small(lambda _: None)
    form = plain_form(model, columns)
    assert form is not None
    assert form.cost.tolist() == [1.0, 2.0]
    assert form.matrix.toarray().tolist() == [[1.0, 3.0]]
    assert (form.lower.tolist(), form.upper.tolist()) == ([1.0], [np.inf])
    assert [a.tolist() for a in form.families["row"]] == [[7], [0]]


def test_what_occurs_twice_in_a_row_is_added_up() -> None:
    model, columns = small(lambda _: None)
    x = columns[0]
    model.more = pyo.Constraint([0], rule=lambda _, __: (None, LinearExpression([x, x]), 5.0))
    form = plain_form(model, columns)
    assert form is not None
    assert form.matrix.toarray().tolist() == [[1.0, 3.0], [2.0, 0.0]]


def named_expression(model: pyo.ConcreteModel) -> None:
    """A row whose body has a name of its own."""
    model.total = pyo.Expression(expr=2 * model.x[0] + model.x[1])
    model.more = pyo.Constraint(expr=model.total <= 9)


def parameter(model: pyo.ConcreteModel) -> None:
    """A coefficient that may change."""
    model.p = pyo.Param(initialize=2.0, mutable=True)
    body = LinearExpression([MonomialTermExpression((model.p, model.x[0]))])
    model.more = pyo.Constraint([0], rule=lambda _, __: (None, body, 9.0))


def other_variable(model: pyo.ConcreteModel) -> None:
    """A variable without a number."""
    model.y = pyo.Var()
    model.more = pyo.Constraint([0], rule=lambda _, __: (None, LinearExpression([model.y]), 9.0))


def fixed(model: pyo.ConcreteModel) -> None:
    """A fixed variable."""
    model.x[0].fix(1.0)


def maximised(model: pyo.ConcreteModel) -> None:
    """The other sense."""
    model.objective.sense = pyo.maximize


@pytest.mark.parametrize("change", [named_expression, parameter, other_variable, fixed, maximised])
def test_what_is_not_plain_is_left_to_the_compiler(change: Callable[[pyo.ConcreteModel], None]) -> None:
    model, columns = small(change)
    assert plain_form(model, columns) is None
    assert len(compiled_form(model, columns).families["row"][0]) == 1


def test_a_row_of_operators_without_an_index_is_read_too() -> None:
    def change(model: pyo.ConcreteModel) -> None:
        model.more = pyo.Constraint(expr=2 * model.x[0] + model.x[1] <= 9)

    model, columns = small(change)
    form = plain_form(model, columns)
    assert form is not None
    assert form.matrix.toarray().tolist() == [[1.0, 3.0], [2.0, 1.0]]
    assert form.families["more"][0].tolist() == [0]


def test_an_inactive_row_is_no_row() -> None:
    model, columns = small(lambda model: model.row[7].deactivate())
    form = plain_form(model, columns)
    assert form is not None
    assert form.matrix.shape == (0, 2)


def test_a_dismantled_model_frees_its_variables_at_once() -> None:
    built = Auto().build(options(load_instance("tiny/one-hour")))
    variable = weakref.ref(built.columns[0])
    dismantle(built.model, built.columns)
    assert variable() is None
    assert built.columns == []
