"""What a restricted oracle repeats of another plan, so that a gap can be split into its causes."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """Requests served per workload, region and period, `requests` (W,R,T), whose sums another plan may not exceed.

    `by_region` keeps each region apart, `by_period` each period; without one of them its axis is summed over. A job
    serves in equal parts in each of its periods.
    """

    requests: Floats
    by_region: bool = True
    by_period: bool = True

    def row(self, workload: Ints, region: Ints, period: Ints) -> Ints:
        """The number of the sum that a served request belongs to."""
        _, regions, periods = self.requests.shape
        return np.asarray((workload * regions + self.by_region * region) * periods + self.by_period * period)

    @property
    def totals(self) -> Floats:
        """The sums, by row number; 0 where nothing is served."""
        workload, region, period = np.nonzero(self.requests)
        row = self.row(workload, region, period)
        return np.bincount(row, self.requests[workload, region, period], self.requests.size).astype(np.float64)


def served_requests(instance: Instance, plan: Plan) -> Floats:
    """(W,R,T) requests that a plan serves."""
    batches = instance.batches()
    span = np.where(batches.contiguous, batches.length, 1)[plan.batch]
    row = np.repeat(np.arange(len(span)), span)
    ahead = np.arange(len(row)) - np.repeat(np.cumsum(span) - span, span)
    workload, region = batches.workload[plan.batch[row]], instance.pool_region[plan.pool[row]]
    shape = (len(instance.workloads), len(instance.regions), instance.periods)
    cell = np.ravel_multi_index((workload, region, plan.period[row] + ahead), shape)
    part = (plan.share * batches.requests[plan.batch] / span)[row]
    return np.bincount(cell, part, int(np.prod(shape))).astype(np.float64).reshape(shape)
