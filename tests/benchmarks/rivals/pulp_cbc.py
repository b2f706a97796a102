"""The same model in PuLP, solved by the CBC that comes with it."""

from collections import defaultdict

import pulp

from tests.benchmarks.rivals.problem import Problem, phase


def solve(problem: Problem, seconds: dict[str, float]) -> float:
    """The optimum. PuLP translates (writes a file for CBC) inside `solve`."""
    with phase(seconds, "build"):
        model = pulp.LpProblem("carbon", pulp.LpMinimize)
        x = [pulp.LpVariable(f"x{j}", lowBound=0) for j in range(len(problem))]
        model += pulp.LpAffineExpression(zip(x, problem.price.tolist(), strict=True))
        by_batch, by_cell = defaultdict(list), defaultdict(list)
        cells, loads = problem.cell.tolist(), problem.load.tolist()
        for variable, b, c, load in zip(x, problem.batch.tolist(), cells, loads, strict=True):
            by_batch[b].append((variable, 1.0))
            by_cell[c].append((variable, load))
        for terms in by_batch.values():
            model += pulp.LpAffineExpression(terms) == 1
        for c, terms in by_cell.items():
            model += pulp.LpAffineExpression(terms) <= float(problem.room[c])
    with phase(seconds, "solve"):
        model.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
    return float(pulp.value(model.objective))
