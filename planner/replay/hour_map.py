"""The hour map that a plan followed."""

import numpy as np

from planner.domain.instance import Bools, Instance, Ints
from planner.domain.plan import Plan


def regions_served(instance: Instance, plan: Plan) -> Ints:
    """(1,T), or (W,T) per workload: the region that served most of each period, kept while nothing runs (M10)."""
    batches = instance.batches()
    maps = len(instance.workloads) if instance.hour_map is not None and instance.hour_map.per_workload else 1
    which = batches.workload[plan.batch] if maps > 1 else np.zeros_like(plan.batch)
    count = np.zeros((maps, len(instance.regions), instance.periods))
    amount = plan.share * batches.requests[plan.batch]
    spread = np.where(batches.contiguous[plan.batch], batches.length[plan.batch], 1)
    for ahead in range(int(spread.max(initial=0))):
        runs = spread > ahead
        place = (which[runs], instance.pool_region[plan.pool[runs]], plan.period[runs] + ahead)
        np.add.at(count, place, (amount / spread)[runs])
    return _carried(count.argmax(axis=1), count.sum(axis=1) > 0)


def _carried(region: Ints, known: Bools) -> Ints:
    """Fill unknown periods with the region before; those at the start with the first known one."""
    periods = np.arange(region.shape[1])
    source = np.maximum.accumulate(np.where(known, periods, -1), axis=1)
    first = known.argmax(axis=1)[:, None]
    return np.take_along_axis(region, np.where(source < 0, first, source), axis=1)
