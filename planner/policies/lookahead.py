"""The problem as it looks from an hour: what waits, what is forecast, today's capacity (MODEL.md 8)."""

from dataclasses import dataclass, replace

import numpy as np

from planner.domain.instance import Bools, Caps, Floats, Instance, Ints, Job, Pool, Weights, Workload
from planner.domain.protocols import HourView
from planner.errors import PolicyError
from planner.forecast.persistence import Persistence
from planner.policies.reach import reachable

SHORTAGE = 100.0  # a miss costs so many times the dearest request, where not all that waits can be served


@dataclass(frozen=True, slots=True, eq=False)
class Lookahead:
    """An instance whose period 0 is now. Its batches: `row_batch` (n,) of the waiting rows, `arrivals` (W,O,H) of what
    is forecast to be released; -1 where there is none."""

    instance: Instance
    row_batch: Ints
    arrivals: Ints


def lookahead(view: HourView, static: Instance, horizon: int, surprise: Floats | None = None) -> Lookahead:
    """What `horizon` periods from now on hold, no further than the instance lasts, by all that `view` tells.

    What waits keeps its own deadline: a copy of its workload with the slack that is left. No deadline lies beyond the
    horizon, nobody is late, limits on totals are left to the judge, and what no pool may serve is left out. Where
    demand may be `surprise` (W,O) times the forecast, coming periods have as many servers less as that would take.
    """
    if view.forecast is None or view.demand_forecast is None:
        raise PolicyError("it needs forecasts of carbon intensity and demand")
    periods = min(horizon, static.periods - view.period)
    requests = np.rint(view.demand_forecast(periods)).astype(np.int64)
    servers = _servers(view, requests, np.ones(requests.shape[:2]) if surprise is None else surprise)
    possible = np.asarray(reachable(view).any(axis=2))
    requests[..., 0] = 0
    requests[~possible] = 0
    rows, whole = possible[view.waiting.workload, view.waiting.origin], view.waiting.share_unit > 0
    workloads, requests, place = _with_waiting(view, static, requests, rows & ~whole)
    jobs, row_job = _jobs(view, static.origins, periods, np.flatnonzero(rows & whole))
    instance = static.replace(
        start=view.time,
        carbon_intensity_g_per_kwh=view.forecast(periods),
        requests=requests,
        jobs=jobs,
        workloads=workloads,
        servers=servers,
        fleet_limit=np.full(periods, view.fleet_limit) if np.isfinite(view.fleet_limit) else None,
        price_usd_per_kwh=_tariff(view, static, periods),
        pools=_pools(view, static),
        weights=replace(static.weights, miss_weight=None),
        grace_periods=0,
        caps=Caps(),
        hour_map=None,
    )
    number = np.full(requests.shape, -1)
    number[requests > 0] = np.arange(np.count_nonzero(requests))
    counted = np.where(rows & ~whole, number[place, view.waiting.origin, 0], -1)
    row_batch = np.where(row_job < 0, counted, row_job + np.count_nonzero(requests))
    return Lookahead(instance, row_batch, number[: len(static.workloads)])


def _pools(view: HourView, static: Instance) -> tuple[Pool, ...]:
    """Pools with the servers that are on; without provisioning nobody asks."""
    if not static.provisioning:
        return static.pools
    on = view.servers_before.tolist()
    return tuple(replace(pool, initial_servers=int(y)) for pool, y in zip(static.pools, on, strict=True))


def _servers(view: HourView, requests: Ints, surprise: Floats) -> Floats:
    """(P,H) today's servers; in coming periods without those that more demand than forecast may take of each pool."""
    site = view.routes
    servers = np.repeat(view.servers_available[:, None], requests.shape[2], axis=1)
    load = requests.sum(axis=2)[site.workload].T * site.feasible * site.server_seconds
    expected, worst = np.zeros((2, len(servers)))
    np.add.at(expected, site.pool, load.sum(axis=0))
    np.add.at(worst, site.pool, (load * surprise[site.workload].T).sum(axis=0))
    margin = np.maximum(np.divide(worst, expected, out=np.ones_like(worst), where=expected > 0), 1.0)
    servers[:, 1:] = np.floor(servers[:, 1:] / margin[:, None] + 1e-9)
    return servers


def softened(instance: Instance, view: HourView) -> Instance:
    """The same with misses at a price no plan pays freely: for when not all can be served."""
    dearest = float(view.unit_price.max(initial=0.0) + (view.server_price + view.startup_price).max(initial=0.0))
    weights: Weights = instance.weights
    priced = replace(
        weights,
        beta=1.0,
        violation_weight=weights.beta * weights.violation_weight,
        miss_weight=SHORTAGE * max(dearest, 1e-9),
    )
    return instance.replace(weights=priced, workloads=tuple(replace(w, slo_budget=None) for w in instance.workloads))


def _with_waiting(
    view: HourView, static: Instance, requests: Ints, counted: Bools
) -> tuple[tuple[Workload, ...], Ints, Ints]:
    """Workloads, their requests with the `counted` (n,) waiting rows in period 0, and the workload of each row.

    A row with less than its workload's slack left needs a copy of the workload.
    """
    waiting = view.waiting
    slack = np.array([w.slack_periods for w in static.workloads])
    left = np.minimum(np.maximum(waiting.deadline - view.period, 0), requests.shape[2] - 1)
    short = left < np.minimum(slack, requests.shape[2] - 1)[waiting.workload]
    short &= counted
    pairs, which = np.unique(np.stack([waiting.workload, left])[:, short], axis=1, return_inverse=True)
    copies = tuple(
        replace(static.workloads[w], name=f"{static.workloads[w].name} in {d}", slack_periods=d)
        for w, d in pairs.T.tolist()
    )
    place = waiting.workload.copy()
    place[short] = len(slack) + which.ravel()
    grown = np.concatenate([requests, np.zeros((len(copies), *requests.shape[1:]), dtype=np.int64)])
    amount = np.zeros(grown.shape[:2])
    np.add.at(amount, (place[counted], waiting.origin[counted]), (waiting.requests * waiting.left)[counted])
    grown[..., 0] = np.ceil(amount - 1e-6)
    return (*static.workloads, *copies), grown, place


def _jobs(view: HourView, origins: tuple[str, ...], periods: int, rows: Ints) -> tuple[tuple[Job, ...], Ints]:
    """The rows, which cannot be split, as jobs, and the number of each waiting row among them, -1 for the others."""
    number = np.full(len(view.waiting), -1)
    number[rows] = np.arange(len(rows))
    return tuple(_job(view, origins, row, periods) for row in rows.tolist()), number


def _job(view: HourView, origins: tuple[str, ...], row: int, periods: int) -> Job:
    waiting = view.waiting
    contiguous = bool(waiting.contiguous[row])
    whole = int(waiting.length[row]) if contiguous else round(float(waiting.left[row] / waiting.share_unit[row]))
    length = min(whole, periods)
    due = min(max(int(waiting.deadline[row]) - view.period, length - 1), periods - 1)
    part = (1.0 if contiguous else float(waiting.left[row])) * length / whole
    return Job(
        name=str(row),
        workload=view.workload_names[waiting.workload[row]],
        origin=origins[waiting.origin[row]],
        release=0,
        deadline=due,
        length=length,
        contiguous=contiguous,
        requests=max(1, round(float(waiting.requests[row]) * part)),
    )


def _tariff(view: HourView, static: Instance, periods: int) -> Floats | None:
    """Electricity prices like yesterday's."""
    known = view.tariff_usd_per_kwh
    return None if known is None else Persistence(static).predict(known, periods)
