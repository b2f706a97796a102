"""The same model from `LinearExpression` over prebuilt lists, through Pyomo's own HiGHS interface."""

import numpy as np
import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers.highs import Highs
from pyomo.core.expr.numeric_expr import LinearExpression

from tests.benchmarks.rivals.problem import Problem, phase


def solve(problem: Problem, seconds: dict[str, float]) -> float:
    """The optimum."""
    with phase(seconds, "build"):
        model = pyo.ConcreteModel()
        model.x = pyo.Var(range(len(problem)), bounds=(0, None))
        columns = list(model.x.values())
        ones = np.ones(len(problem))
        serve, load = grouped(columns, problem.batch, ones), grouped(columns, problem.cell, problem.load)
        model.serve = pyo.Constraint(serve.keys(), rule=lambda _, b: (1, serve[b], 1))
        model.capacity = pyo.Constraint(load.keys(), rule=lambda _, c: (None, load[c], problem.room[c]))
        model.carbon = pyo.Objective(expr=expression(columns, problem.price))
    solver = Highs()
    solver.highs_options["threads"] = 1
    with phase(seconds, "translate"):
        solver.set_instance(model)
    with phase(seconds, "solve"):
        return float(solver.solve(model).best_feasible_objective)


def expression(columns: list, coefficients: np.ndarray) -> LinearExpression:
    """Sum of coefficient times column."""
    return LinearExpression(constant=0, linear_coefs=coefficients.tolist(), linear_vars=columns)


def grouped(columns: list, key: np.ndarray, coefficients: np.ndarray) -> dict[int, LinearExpression]:
    """One sum per distinct key."""
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    parts = np.split(order, starts[1:])
    return {
        k: expression([columns[j] for j in part.tolist()], coefficients[part])
        for k, part in zip(keys.tolist(), parts, strict=True)
    }
