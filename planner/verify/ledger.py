"""What a plan takes, in physical units, before any price: loads, energy, counts."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.plan import Plan
from planner.verify.served import Rows, Steps, index_within, sane, trimmed
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


def account_for(site: Site, plan: Plan, rows: Rows, steps: Steps) -> Ledger:
    """Add up the rows; `plan.servers` and `plan.started` must be finite (P,T) arrays or None."""
    instance, many = site.instance, len(site.instance.workloads)
    pools, periods = len(instance.pools), instance.periods
    kind = rows.workload[steps.row], rows.variant[steps.row], rows.pool[steps.row]
    cell = kind[2] * periods + steps.period
    at = site.region[kind[2]]
    moved = site.gb[kind[0]] * site.kwh_per_gb[rows.origin[steps.row], at]
    on_time = np.where(rows.late > 0, 0.0, site.violation[rows.workload, rows.variant, rows.pool, rows.origin])

    def over(shape: tuple[int, int], where: Ints, values: Floats) -> Floats:
        table: Floats = tally(where, values, shape[0] * shape[1]).reshape(shape)
        return table

    def by_workload(values: Floats) -> Floats:
        # by period first: shorter sums are more exact
        return np.asarray(over((many, periods), rows.workload * periods + rows.period, values).sum(axis=1))

    return Ledger(
        load=over((pools, periods), cell, steps.requests * site.seconds[kind]),  # (M2)
        request_kwh=over((pools, periods), cell, steps.requests * site.energy_j[kind]) / 3.6e6,  # (O1)
        network_kwh=over((len(instance.regions), periods), at * periods + steps.period, steps.requests * moved),  # (O4)
        requests=tally(site.batches.workload, site.batches.requests, many),
        violations=by_workload(rows.requests * on_time),
        late=by_workload(rows.requests * (rows.late > 0)),
        missed=_missed(site, plan),
        request_hours_late=float((rows.requests * rows.late).sum() * instance.step_hours),
        servers=np.zeros((pools, periods)) if plan.servers is None else plan.servers,
        started=np.zeros((pools, periods)) if plan.started is None else plan.started,
    )


def _missed(site: Site, plan: Plan) -> Floats:
    batch, share = trimmed(plan.missed_batch, plan.missed_share)
    kept = index_within(batch, len(site.batches)) & sane(share)
    batch, share = batch[kept].astype(np.int64), share[kept]
    b = site.batches
    return tally(b.workload[batch], b.requests[batch] * share, len(site.instance.workloads))
