"""Column values -> shares of batches, from both shapes."""

from dataclasses import dataclass

import numpy as np

from models.disaggregate import first_come_first_served
from models.terms.backlog import Flows, entries
from planner.domain.flat import FlatOptions
from planner.domain.instance import Batches, Bools, Floats, Ints
from planner.domain.options import Options, Routes, ServiceClass
from planner.domain.plan import Plan
from planner.domain.window import ClassFlows

CRUMB = 1e-9  # a share below this is rounding
STRAY = 1e-7  # so is one below this outside of its batch's time


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """What leaves each batch: `route` -1 is a miss."""

    batch: Ints
    route: Ints
    period: Ints
    share: Floats

    def joined(self, other: "Shares") -> "Shares":
        """Both lists in one."""
        pairs = ((getattr(self, n), getattr(other, n)) for n in ("batch", "route", "period", "share"))
        return Shares(*(np.concatenate(p) for p in pairs))

    def whole(self, count: int) -> "Shares":
        """Without crumbs, each batch scaled to exactly its sum: the solver's rounding is not the plan's."""
        kept = self.share > CRUMB
        total = np.bincount(self.batch[kept], self.share[kept], minlength=count)
        near = np.abs(total - 1) <= 1e-5  # further off it is a defect, which the judge must see
        share = self.share[kept] / np.where(near, total, 1.0)[self.batch[kept]]
        return Shares(self.batch[kept], self.route[kept], self.period[kept], np.where(share > 1 - CRUMB, 1.0, share))

    def plan(
        self, routes: Routes, *, servers: Floats | None, started: Floats | None, hour_map: Ints | None = None
    ) -> Plan:
        """What is served and missed, with the servers that serve it."""
        served, missed = self.route >= 0, self.route < 0
        return Plan(
            batch=self.batch[served],
            pool=routes.pool[self.route[served]],
            variant=routes.variant[self.route[served]],
            period=self.period[served],
            share=self.share[served],
            missed_batch=self.batch[missed],
            missed_share=self.share[missed],
            servers=servers,
            started=started,
            hour_map=hour_map,
        )

    def without_strays(self, batches: Batches) -> "Shares":
        """Without what lies before a release or after a deadline only because rounding adds up over the periods."""
        inside = (batches.release[self.batch] <= self.period) & (self.period <= batches.deadline[self.batch])
        kept = inside | (self.route < 0) | (self.share > STRAY)
        return Shares(self.batch[kept], self.route[kept], self.period[kept], self.share[kept])


def of_options(flat: FlatOptions, units: Floats) -> Shares:
    """Time-indexed columns."""
    return Shares(flat.batch, flat.route, flat.period, units * flat.unit)


def of_misses(chosen: Bools, lost: Floats) -> Shares:
    """Misses of time-indexed batches."""
    batch = np.flatnonzero(chosen)
    return Shares(batch, np.full(len(batch), -1), np.zeros(len(batch), dtype=np.int64), lost)


def of_flows(batches: Batches, flows: Flows, amount: Floats, lost: Floats) -> Shares:
    """Backlog columns, disaggregated class by class."""
    parts = [_of_class(flows, i, batches, amount, lost) for i in range(len(flows.classes))]
    return Shares(*(np.concatenate([getattr(p, n) for p in parts]) for n in Shares.__slots__))


def plan_of(options: Options, classes: tuple[ServiceClass, ...], table: ClassFlows) -> Plan:
    """What leaves the classes of a whole instance -> its plan; servers start where more are active than before."""
    batches = options.instance.batches()
    shares = of_flows(batches, *entries(classes, table)).whole(len(batches))
    begun = None if table.servers is None else started(options, table.servers)
    return shares.plan(options.routes, servers=table.servers, started=begun)


def started(options: Options, servers: Floats) -> Floats:
    """(P,T) the fewest starts of (M4), or all that are possible where a negative tariff pays for them."""
    initial = np.array([[p.initial_servers] for p in options.instance.pools], dtype=np.float64)
    rises = np.maximum(np.diff(servers, axis=1, prepend=initial), 0.0)
    return np.where(options.startup.price < 0, options.instance.servers, rises)


def _of_class(flows: Flows, i: int, batches: Batches, amount: Floats, lost: Floats) -> Shares:
    kind = flows.classes[i]
    mine = np.flatnonzero(
        (batches.workload == kind.workload) & np.isin(batches.origin, kind.origins) & (batches.job < 0)
    )
    mine = mine[np.argsort(batches.release[mine], kind="stable")]
    amounts, route, period = _in_time_order(flows, i, amount, lost)
    supply, demand, part = first_come_first_served(amounts * flows.unit[i], batches.requests[mine].astype(np.float64))
    shares = Shares(mine[demand], route[supply], period[supply], part / batches.requests[mine[demand]])
    return shares.without_strays(batches)


def _in_time_order(flows: Flows, i: int, amount: Floats, lost: Floats) -> tuple[Floats, Ints, Ints]:
    """(amount, route, period) of all that leaves class i, misses after what is served in the same period."""
    f = np.flatnonzero(flows.kind == i)
    m = np.flatnonzero(flows.missed_kind == i) if len(lost) else np.zeros(0, dtype=np.int64)
    amounts = np.concatenate([amount[f], lost[m]])
    route = np.concatenate([flows.route[f], np.full(len(m), -1)])
    period = np.concatenate([flows.period[f], flows.missed_period[m]])
    order = np.lexsort((route < 0, period))
    order = order[amounts[order] > 0]
    return amounts[order], route[order], period[order]
