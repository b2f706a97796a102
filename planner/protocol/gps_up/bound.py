"""The least E* that any choice of region and hour could have had: the oracle's bound."""

from dataclasses import replace
from math import inf

import numpy as np

from planner.data.faas import FUNCTIONS
from planner.domain.instance import Floats, Instance, Ints, Pool, Profile, Variant, Workload
from planner.errors import SolverError
from planner.protocol.gps_up.grid import Grid
from planner.protocol.gps_up.runs import NAMES
from planner.solve.oracle import solve

HARDWARE = "any"
JOULE_PER_KWH = 3.6e6
G_PER_KG = 1000.0


def least_energy(grid: Grid, invocations: Ints, seconds: Floats) -> float:
    """A lower bound on sum T x CI, s g/kWh, for `invocations` (F,T) by function and hour and T = `seconds` (F,).

    Every region has room for all; a function may wait as long as the protocol lets it.
    """
    bound = solve(trace_instance(grid, invocations, seconds), gap=1e-9).bounds.best
    if bound is None:
        raise SolverError("the oracle gave no bound on E*; run `planner doctor`")
    return bound * G_PER_KG


def trace_instance(grid: Grid, invocations: Ints, seconds: Floats) -> Instance:
    """The trace as a problem whose carbon is E*: an invocation takes T kWh, power usage effectiveness is 1."""
    given = grid.instance
    return Instance(
        name=f"{given.name}, E*",
        start=given.start,
        step_minutes=given.step_minutes,
        regions=tuple(replace(region, pue=1.0) for region in given.regions),
        pools=tuple(Pool(region.name, region.name, HARDWARE) for region in given.regions),
        origins=("runner",),
        workloads=tuple(_workload(name, float(t)) for name, t in zip(NAMES, seconds, strict=True)),
        carbon_intensity_g_per_kwh=given.carbon_intensity_g_per_kwh,
        carbon_kind=given.carbon_kind,
        rtt_ms=np.zeros((1, len(given.regions))),
        requests=invocations[:, None, :],
        servers=np.full((len(given.regions), given.periods), inf),
    )


def _workload(name: str, seconds: float) -> Workload:
    _, slack, *_ = FUNCTIONS[name]
    profile = Profile(seconds * 1000, 0.0, seconds, seconds * JOULE_PER_KWH)
    return Workload(name, (Variant(name, {HARDWARE: profile}),), slack_periods=slack)
