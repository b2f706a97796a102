"""What most would write first: rule by rule, through Pyomo's own HiGHS interface.

One ConcreteModel, one variable per option over a prepared index, one `quicksum` per row over prebuilt lists.
"""

from collections import defaultdict

import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers.highs import Highs

from tests.benchmarks.rivals.problem import Problem, phase


def solve(problem: Problem, seconds: dict[str, float]) -> float:
    """The optimum."""
    with phase(seconds, "options"):
        by_batch, by_cell = defaultdict(list), defaultdict(list)
        for j, (b, c) in enumerate(zip(problem.batch.tolist(), problem.cell.tolist(), strict=True)):
            by_batch[b].append(j)
            by_cell[c].append(j)
        price, load, room = problem.price.tolist(), problem.load.tolist(), problem.room.tolist()
    with phase(seconds, "build"):
        model = pyo.ConcreteModel()
        model.x = pyo.Var(range(len(problem)), within=pyo.NonNegativeReals)
        model.serve = pyo.Constraint(by_batch.keys(), rule=lambda m, b: pyo.quicksum(m.x[j] for j in by_batch[b]) == 1)
        model.capacity = pyo.Constraint(
            by_cell.keys(), rule=lambda m, c: pyo.quicksum(load[j] * m.x[j] for j in by_cell[c]) <= room[c]
        )
        model.carbon = pyo.Objective(expr=pyo.quicksum(price[j] * model.x[j] for j in range(len(problem))))
    solver = Highs()
    solver.highs_options["threads"] = 1
    with phase(seconds, "translate"):
        solver.set_instance(model)
    with phase(seconds, "solve"):
        return float(solver.solve(model).best_feasible_objective)
