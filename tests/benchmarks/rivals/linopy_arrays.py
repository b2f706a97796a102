"""The same model in linopy: vectorised over labelled arrays, sums by group, HiGHS."""

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from tests.benchmarks.rivals.problem import Problem, phase


def solve(problem: Problem, seconds: dict[str, float]) -> float:
    """The optimum. linopy translates (hands its matrix to highspy) inside `solve`."""
    with phase(seconds, "build"):
        model = linopy.Model()
        options = pd.RangeIndex(len(problem), name="option")
        x = model.add_variables(lower=0, coords=[options], name="x")
        batch = xr.DataArray(problem.batch, coords=[options], name="batch")
        cell = xr.DataArray(problem.cell, coords=[options], name="cell")
        load = xr.DataArray(problem.load, coords=[options])
        model.add_constraints((1 * x).groupby(batch).sum() == 1, name="serve")
        used = np.unique(problem.cell)
        room = xr.DataArray(problem.room[used], coords={"cell": used}, dims=["cell"])
        model.add_constraints((load * x).groupby(cell).sum() <= room, name="capacity")
        model.add_objective((xr.DataArray(problem.price, coords=[options]) * x).sum())
    with phase(seconds, "solve"):
        model.solve(solver_name="highs", io_api="direct", threads=1, output_flag=False)
    return float(model.objective.value)
