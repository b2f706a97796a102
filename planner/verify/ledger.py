"""What a plan takes, in physical units, before any price: loads, energy, counts."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats
from planner.domain.plan import Plan
from planner.verify.served import Rows, blocks, index_within, sane, spread, trimmed
from planner.verify.site import Site
from planner.verify.sums import tally


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """`load` (P,T) server-seconds and `request_kwh` (P,T) before PUE; `network_kwh` (R,T); per workload (W,): all
    `requests`, expected `violations` on time, `late` and `missed` requests; `request_hours_late`; `servers` and
    `started` (P,T), 0 where there is no provisioning."""

    load: Floats
    request_kwh: Floats
    network_kwh: Floats
    requests: Floats
    violations: Floats
    late: Floats
    missed: Floats
    request_hours_late: float
    servers: Floats
    started: Floats


def account_for(site: Site, plan: Plan) -> Ledger:
    """Add up a plan's rows; `plan.servers` and `plan.started` must be finite (P,T) arrays or None."""
    instance = site.instance
    pools, periods, many = len(instance.pools), instance.periods, len(instance.workloads)
    entries = _Entries(pools, len(instance.regions), many, periods)
    for rows in blocks(site, plan):
        entries.add(site, rows)
    empty = np.zeros((pools, periods))
    return Ledger(
        load=entries.load,
        request_kwh=entries.joules / 3.6e6,
        network_kwh=entries.network_kwh,
        requests=tally(site.batches.workload, site.batches.requests, many),
        violations=entries.violations.sum(axis=1),
        late=entries.late.sum(axis=1),
        missed=_missed(site, plan),
        request_hours_late=entries.request_periods_late * instance.step_hours,
        servers=empty if plan.servers is None else plan.servers,
        started=empty if plan.started is None else plan.started,
    )


class _Entries:
    """What rows take, by place and period: (P,T), (R,T), and (W,T), for short sums are more exact."""

    def __init__(self, pools: int, regions: int, workloads: int, periods: int) -> None:
        self.load, self.joules = np.zeros((pools, periods)), np.zeros((pools, periods))
        self.network_kwh = np.zeros((regions, periods))
        self.violations, self.late = np.zeros((workloads, periods)), np.zeros((workloads, periods))
        self.request_periods_late = 0.0

    def add(self, site: Site, rows: Rows) -> None:
        """Rows in the order of the plan, so that sums do not depend on the blocks."""
        steps = spread(site, rows)
        kind = rows.workload[steps.row], rows.variant[steps.row], rows.pool[steps.row]
        at = site.region[kind[2]]
        moved = site.gb[kind[0]] * site.kwh_per_gb[rows.origin[steps.row], at]
        np.add.at(self.load, (kind[2], steps.period), steps.requests * site.seconds[kind])  # (M2)
        np.add.at(self.joules, (kind[2], steps.period), steps.requests * site.energy_j[kind])  # (O1)
        np.add.at(self.network_kwh, (at, steps.period), steps.requests * moved)  # (O4)
        pi = site.violation[rows.workload, rows.variant, rows.pool, rows.origin]
        np.add.at(self.violations, (rows.workload, rows.period), rows.requests * np.where(rows.late > 0, 0.0, pi))
        np.add.at(self.late, (rows.workload, rows.period), rows.requests * (rows.late > 0))
        self.request_periods_late += float((rows.requests * rows.late).sum())


def _missed(site: Site, plan: Plan) -> Floats:
    batch, share = trimmed(plan.missed_batch, plan.missed_share)
    kept = index_within(batch, len(site.batches)) & sane(share)
    batch, share = batch[kept].astype(np.int64), share[kept]
    b = site.batches
    return tally(b.workload[batch], b.requests[batch] * share, len(site.instance.workloads))
