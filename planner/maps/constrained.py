"""The hour map under capacity, waiting and whatever else an instance states: (M10) solved by the oracle."""

from typing import cast

from planner.domain.instance import HourMapRule, Instance, Ints
from planner.domain.plan import HourMap
from planner.domain.results import SolveResult
from planner.solve.highs import Progress
from planner.solve.oracle import solve


def constrained_map(
    instance: Instance,
    rule: HourMapRule | None = None,
    *,
    gap: float = 1e-4,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> tuple[HourMap, SolveResult]:
    """The map of a plan of least objective in which all work of a period runs in its region, and that plan's result.

    `gap` is relative, `time_limit` in seconds. Raises what `planner.solve.oracle.solve` raises.
    """
    rule = rule or HourMapRule()
    result = solve(instance.replace(hour_map=rule), gap=gap, time_limit=time_limit, progress=progress)
    region = cast("Ints", result.plan.hour_map)  # never None: (M10) was asked for
    return HourMap(region=region, per_workload=rule.per_workload), result
