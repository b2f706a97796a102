"""Requests at the pools they were sent to: who waits how long, and how busy the servers are."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.options import Options
from planner.domain.plan import Plan
from planner.replay.dispatch import Dispatch, route_numbers
from planner.replay.draws import Draws, ServiceTimes
from planner.replay.fleet import Fleet
from planner.replay.queueing import waits
from planner.replay.stream import Stream

ROUNDING = 1e-9  # of a server


@dataclass(frozen=True, slots=True, eq=False)
class Queued:
    """Per request (n,) the wait in seconds and the service time in ms; `utilisation` (P,), NaN without a limit."""

    wait_s: Floats
    service_ms: Floats
    utilisation: Floats


def queued(account: Options, stream: Stream, chance: Draws, dispatch: Dispatch, plan: Plan) -> Queued:
    """Every pool serves by the time of arrival in the period of dispatch.

    A request holds a server for the route's server-seconds, longer or shorter as its service time turns out. Jobs keep
    the servers that they need to themselves. What nobody serves waits 0 s.
    """
    instance, site = account.instance, account.routes
    times, served = ServiceTimes.of(instance, site), dispatch.route >= 0
    route = np.where(served, dispatch.route, 0)
    service = times.realised(route, chance.deviation)
    busy = service * (site.server_seconds / times.mean_ms)[route]
    period_s = 3600.0 * instance.step_hours
    arrival = dispatch.period * period_s + chance.arrival_s
    jobs = _jobs(account, plan)
    servers = instance.servers if plan.servers is None else plan.servers
    wait, utilisation = np.zeros(len(stream)), np.full(len(instance.pools), np.nan)
    for pool in np.flatnonzero(np.isfinite(servers).all(axis=1)):
        rows = _in_line(served & (site.pool[route] == pool), arrival)
        free = np.ceil(servers[pool] - jobs[pool] / period_s - ROUNDING).astype(np.int64)
        wait[rows] = waits(arrival[rows], busy[rows], np.maximum(free, 0), period_s)
        offered = float(servers[pool].sum()) * period_s
        utilisation[pool] = (busy[rows].sum() + jobs[pool].sum()) / offered if offered > 0 else np.nan
    return Queued(wait_s=wait, service_ms=service, utilisation=utilisation)


def _in_line(here: Bools, arrival: Floats) -> Ints:
    """Requests of a pool in the order of arrival."""
    rows = np.flatnonzero(here)
    return rows[np.argsort(arrival[rows], kind="stable")]


def _jobs(account: Options, plan: Plan) -> Floats:
    """(P,T) server-seconds that jobs hold."""
    instance, site, fleet = account.instance, account.routes, Fleet(account)
    if not instance.jobs:
        return fleet.held
    batches, route_of = instance.batches(), route_numbers(site)
    for line in np.flatnonzero(batches.job[plan.batch] >= 0):
        batch = plan.batch[line]
        route = route_of[batches.workload[batch], plan.pool[line], plan.variant[line]]
        length = np.where(batches.contiguous[[batch]], batches.length[[batch]], 1)
        load = batches.requests[batch] * plan.share[line] * site.server_seconds[[route]] / length
        fleet.hold(plan.pool[[line]], load, int(plan.period[line]), length)
    return fleet.held
