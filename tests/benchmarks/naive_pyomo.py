"""What most would write first: a time-indexed Pyomo model, rule by rule, through Pyomo's own HiGHS interface.

One ConcreteModel, one variable per option over a prepared index, one `quicksum` per row over prebuilt lists.
`python naive_pyomo.py INSTANCE` prints one JSON line: seconds by phase, objective, options, peak memory.
"""

import json
import resource
import sys
import time
from collections import defaultdict

import pyomo.environ as pyo
from pyomo.contrib.appsi.solvers.highs import Highs

from planner.domain.flat import flat_options
from planner.domain.options import options
from planner.io.instances import load_instance


def main(path: str) -> None:
    """Solve the instance's linear programme (no provisioning) and say what it took."""
    begun = time.perf_counter()
    instance = load_instance(path)
    seconds = {"read": time.perf_counter() - begun}
    start = time.perf_counter()
    table = options(instance)
    flat = flat_options(table)
    by_batch, by_cell = defaultdict(list), defaultdict(list)
    pool = table.routes.pool[flat.route]
    for j, (b, p, t) in enumerate(zip(flat.batch.tolist(), pool.tolist(), flat.period.tolist(), strict=True)):
        by_batch[b].append(j)
        by_cell[p, t].append(j)
    price, load = flat.price.tolist(), flat.seconds.tolist()
    room = (instance.servers * table.server_capacity[:, None]).tolist()
    seconds["options"] = time.perf_counter() - start

    start = time.perf_counter()
    model = pyo.ConcreteModel()
    model.x = pyo.Var(range(len(flat)), within=pyo.NonNegativeReals)
    model.serve = pyo.Constraint(by_batch.keys(), rule=lambda m, b: pyo.quicksum(m.x[j] for j in by_batch[b]) == 1)
    model.capacity = pyo.Constraint(
        by_cell.keys(), rule=lambda m, p, t: pyo.quicksum(load[j] * m.x[j] for j in by_cell[p, t]) <= room[p][t]
    )
    model.carbon = pyo.Objective(expr=pyo.quicksum(price[j] * model.x[j] for j in range(len(flat))))
    seconds["build"] = time.perf_counter() - start

    start = time.perf_counter()
    solver = Highs()
    solver.highs_options["threads"] = 1
    solver.set_instance(model)
    seconds["translate"] = time.perf_counter() - start
    start = time.perf_counter()
    result = solver.solve(model)
    seconds["solve"] = time.perf_counter() - start
    seconds["total"] = time.perf_counter() - begun
    said = {
        "objective": float(result.best_feasible_objective),
        "options": len(flat),
        "seconds": seconds,
        "us_per_option": 1e6 * (seconds["build"] + seconds["translate"]) / max(len(flat), 1),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1])
