"""Scenario B: one region for each hour, the one of lowest carbon intensity (MODEL.md 9)."""

import numpy as np

from planner.domain.instance import HourMapRule, Instance
from planner.domain.plan import HourMap
from planner.maps.allowed import allowed_regions, refuse_closed_periods
from planner.maps.switching import cheapest_path


def lowest_carbon_map(instance: Instance, rule: HourMapRule | None = None) -> HourMap:
    """The map of lowest mean carbon intensity over regions that may serve each hour's requests; hours weigh alike.

    `rule` limits switches and stays of each map, and says whether workloads have maps of their own; ties go to the
    first region. Capacity and waiting are left out (`planner.maps.constrained` has them). Raises Infeasible, naming who
    clashes, where no region may serve all of an hour, or where the rule cannot be kept.
    """
    rule = rule or HourMapRule()
    allowed = allowed_regions(instance, per_workload=rule.per_workload)
    refuse_closed_periods(instance, allowed)
    costs = np.where(allowed, instance.carbon_intensity_g_per_kwh, np.inf)
    paths = [cheapest_path(c, max_switches=rule.max_switches, min_dwell=rule.min_dwell_periods) for c in costs]
    return HourMap(region=np.array(paths), per_workload=rule.per_workload)
