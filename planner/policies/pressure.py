"""Which waiting batches capacity lets wait no longer."""

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.options import routes
from planner.domain.protocols import HourView, Waiting
from planner.policies.arrivals import Arrivals
from planner.policies.deadlines import latest_start

ROUNDING = 1e-9
HOURS = 24
PARTS = 1000  # a smaller part of a batch is not worth a server
MARGIN = 1.1  # an hour may bring more than any of a day before


class Pressure:
    """Tells of which rows the wait is used up: what is due now, or more than later hours can take in time.

    Later hours are expected to offer what this one does, and to bring, with a margin, the most that as many hours in a
    row have brought in the last day. For every set of pools that some work is bound to, all that is bound to it must
    fit, earliest deadline first, and all must be done at the horizon's end; what does not fit goes now. Where capacity
    never binds this is what is due and nothing else.

    `pools` (W,O,P) are those with a feasible route.
    """

    def __init__(self, instance: Instance) -> None:
        self._slack = np.array([w.slack_periods for w in instance.workloads], dtype=np.int64)
        self._end, self._kinds = instance.periods - 1, len(self._slack) * len(instance.origins)
        kinds = (len(self._slack), len(instance.origins))
        site = routes(instance)
        origin, route = np.nonzero(site.feasible)
        self.pools: Bools = np.zeros((*kinds, len(instance.pools)), dtype=np.bool_)
        self.pools[site.workload[route], origin, site.pool[route]] = True
        self._slowest = np.zeros(kinds)
        np.maximum.at(self._slowest, (site.workload[route], origin), site.server_seconds[route])
        bound = np.unique(self.pools.reshape(-1, len(instance.pools)), axis=0)
        self._bound = bound[bound.any(axis=1)]  # (B,P)
        self._inside = ~np.any(self.pools & ~self._bound[:, None, None], axis=3)  # (B,W,O)
        self._day = max(1, round(HOURS / instance.step_hours))
        self._arrived = Arrivals(self._day, self._inside.shape[:2])

    def needed(self, waiting: Waiting) -> Floats:
        """(n,) server-seconds that each row still needs, on the slowest pool it may use."""
        return np.asarray(waiting.requests * waiting.left * self._slowest[waiting.workload, waiting.origin])

    def rows(self, view: HourView) -> Bools:
        """(n,) rows of which something must be served now; to be asked every period, as it remembers what arrived."""
        return self.shares(view) > 0

    def shares(self, view: HourView) -> Floats:
        """(n,) how much of what is left of each row must be served now, in [0, 1]; to be asked every period."""
        latest, load = latest_start(view.waiting), self.needed(view.waiting)
        self._remember(view, load)
        must = np.where(latest <= view.period, 1.0, 0.0)
        if must.all() or not np.isfinite(view.servers_available).any():
            return must
        excess, due = self._excess(view, np.maximum(latest, view.period), load)
        order = np.argsort(latest, kind="stable")
        for bound in np.flatnonzero(excess - due > ROUNDING * load.sum()):
            inside = self._inside[bound, view.waiting.workload, view.waiting.origin]
            rows = order[inside[order]]
            must[rows] = np.maximum(must[rows], _first(load[rows], float(excess[bound])))
        return must

    def _excess(self, view: HourView, latest: Ints, load: Floats) -> tuple[Floats, Floats]:
        """(B,) server-seconds bound to each set of pools: what later hours cannot take, and what is due now."""
        last = np.arange(view.period, min(int(latest.max()), self._end) + 1)
        last = last if last[-1] == self._end else np.append(last, self._end)
        offered = np.where(self._bound, view.servers_available * view.server_capacity, 0.0).sum(axis=1)
        fleet = np.where(self._bound, view.server_capacity, 0.0).max(axis=1) * view.fleet_limit
        column = np.searchsorted(last, latest)
        due = np.bincount(self._kind(view.waiting) * len(last) + column, load, self._kinds * len(last))
        total = (self._inside.reshape(-1, self._kinds) @ due.reshape(self._kinds, -1)).cumsum(axis=1)
        free = np.minimum(offered, fleet)[:, None] * np.maximum(last - view.period, ROUNDING)
        free = free - self._coming(view.period, last)
        excess = total - np.maximum(np.where(last > view.period, free, 0.0), 0.0)
        return np.asarray(excess.max(axis=1)), total[:, 0]

    def _kind(self, waiting: Waiting) -> Ints:
        return np.asarray(waiting.workload * self._inside.shape[2] + waiting.origin)

    def _remember(self, view: HourView, load: Floats) -> None:
        new = np.where(view.waiting.release == view.period, load, 0.0)
        arrived = np.bincount(self._kind(view.waiting), new, self._kinds)
        self._arrived.note(view.period, (self._inside * arrived.reshape(self._inside.shape[1:])).sum(axis=2))

    def _coming(self, period: int, last: Ints) -> Floats:
        """(B,n) server-seconds that will still arrive and be due by `last`, by the pools they are bound to."""
        seen, most = min(period + 1, self._day), self._arrived.most()
        hours = np.maximum(last[:, None] - period - np.where(last[:, None] == self._end, 0, self._slack), 0)
        whole_days = (hours // seen)[..., None] * most[seen].T
        rest = most[hours % seen, :, np.arange(len(self._slack))]
        return np.asarray(MARGIN * (whole_days + rest).sum(axis=1).T)


def _first(load: Floats, amount: float) -> Floats:
    """How much of each row, which stand in order of urgency, makes up an amount in all."""
    over = amount - (load.cumsum() - load)
    share = np.divide(over, load, out=np.zeros_like(load), where=load > 0)
    return np.asarray(np.clip(np.ceil(share * PARTS) / PARTS, 0.0, 1.0))
