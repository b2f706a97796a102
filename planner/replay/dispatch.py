"""From the shares of a plan to single requests, and back."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Instance, Ints
from planner.domain.options import Routes
from planner.domain.plan import Plan
from planner.replay.stream import Stream


@dataclass(frozen=True, slots=True, eq=False)
class Dispatch:
    """Route and period of every request (n,); route -1: served by nobody."""

    route: Ints
    period: Ints


def dispatched(stream: Stream, plan: Plan, site: Routes) -> Dispatch:
    """Each batch is dealt out along its lines of the plan, earliest period first, in the order of its requests.

    Request i of n takes the line that holds the quantile (i + 1/2) / n of the batch, so counts are within one of n x.
    """
    route_of = route_numbers(site)
    order = np.lexsort((plan.pool, plan.period, plan.batch))
    batch, share = plan.batch[order], plan.share[order]
    through = np.cumsum(share)
    before = (through - share)[np.searchsorted(batch, batch)]
    # Sums of shares end a rounding error beside 1; half a request apart from any quantile they cannot change a line.
    ends = batch + np.minimum(through - before, 1.0)
    line = np.searchsorted(ends, stream.batch + (stream.rank + 0.5) / stream.size)
    served = line < len(batch)
    served[served] = batch[line[served]] == stream.batch[served]
    chosen = order[np.where(served, line, 0)] if len(order) else np.zeros(len(stream), dtype=np.int64)
    route, period = np.full(len(stream), -1), stream.release.copy()
    at = chosen[served]
    workload = stream.workload[served]
    route[served] = route_of[workload, plan.pool[at], plan.variant[at]]
    period[served] = plan.period[at]
    return Dispatch(route, period)


def route_numbers(site: Routes) -> Ints:
    """(W,P,V) number of every route, -1 where there is none."""
    sizes = [int(column.max(initial=-1)) + 1 for column in (site.workload, site.pool, site.variant)]
    number = np.full(sizes, -1)
    number[site.workload, site.pool, site.variant] = np.arange(len(site))
    return number


def counted(instance: Instance, stream: Stream, dispatch: Dispatch, site: Routes, plan: Plan) -> Plan:
    """The plan with the count batches' shares as the requests were dealt; jobs, servers and hour map stay."""
    served = np.flatnonzero(dispatch.route >= 0)
    size = (len(site), instance.periods)
    cell = np.ravel_multi_index((dispatch.route[served], dispatch.period[served]), size)
    key = stream.batch[served] * (size[0] * size[1]) + cell
    line, requests = np.unique(key, return_counts=True)
    batch, cell = np.divmod(line, size[0] * size[1])
    route, period = np.unravel_index(cell, size)
    jobs = instance.batches().job[plan.batch] >= 0
    dealt = (batch, site.pool[route], site.variant[route], period, requests / instance.batches().requests[batch])
    names = ("batch", "pool", "variant", "period", "share")
    columns = {n: np.concatenate([d, getattr(plan, n)[jobs]]) for n, d in zip(names, dealt, strict=True)}
    return plan.replace(**columns, **_missed(instance, stream, dispatch, plan))


def _missed(instance: Instance, stream: Stream, dispatch: Dispatch, plan: Plan) -> dict[str, Ints]:
    """What nobody serves, where the plan books it as missed (M1)."""
    if instance.weights.miss_weight is None:
        return {}
    batches = instance.batches()
    jobs = batches.job[plan.missed_batch] >= 0
    batch, requests = np.unique(stream.batch[dispatch.route < 0], return_counts=True)
    share = np.concatenate([requests / batches.requests[batch], plan.missed_share[jobs]])
    return {"missed_batch": np.concatenate([batch, plan.missed_batch[jobs]]), "missed_share": share}
