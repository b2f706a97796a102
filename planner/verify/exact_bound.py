"""The Lagrangian (MODEL.md 6) once more in rational numbers, term by term: for small instances.

Nothing is rounded, so the bound that is rounded down must lie below this, and hardly so.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import ceil, inf

from planner.domain.instance import Floats, Instance
from planner.domain.results import Cut, Multipliers
from planner.verify.exact_charges import Charges
from planner.verify.exact_knapsacks import batches_apart, knapsack_terms
from planner.verify.exact_units import ZERO, Route, Units, open_periods
from planner.verify.prices import live_batches, live_caps, live_cuts, live_fleet, live_slo, pools_of
from planner.verify.site import Site, survey

Rational = Fraction | float  # a float is infinite


def exact_bound(instance: Instance, multipliers: Multipliers) -> Rational:
    """What the multipliers prove; only violation probabilities are floats. Infinite as `lower_bound` is."""
    site = survey(instance)
    charges, prices = Charges(site, multipliers), live_batches(site, multipliers)
    terms = [*_batches(site, charges, prices), *_servers(site, charges), *_limits(site, multipliers)]
    terms += [] if prices is None else knapsack_terms(site, charges, prices)
    return min((x for x in terms if isinstance(x, float)), default=sum(terms, ZERO))


def _batches(site: Site, charges: Charges, prices: Floats | None) -> Iterator[Rational]:
    """Every other batch takes the cheapest of its options, or is missed; infinite where it can do neither."""
    apart = set(batches_apart(site, prices))
    for b in sorted(set(range(len(site.batches))) - apart):
        requests, length = int(site.batches.requests[b]), int(site.batches.length[b])
        cheapest = _whole(site, charges, b) if site.batches.contiguous[b] else _in_parts(site, charges, b)
        units = sorted([*cheapest, *charges.miss(int(site.batches.workload[b])) * length])
        needed = 1 if site.batches.contiguous[b] else length
        yield sum(units[:needed], ZERO) * requests / needed if len(units) >= needed else inf


def _routes(site: Site, charges: Charges, b: int) -> list[Route]:
    return list(charges.units.routes(int(site.batches.workload[b]), int(site.batches.origin[b])))


def _whole(site: Site, charges: Charges, b: int) -> Iterator[Fraction]:
    """A request of a batch that runs on one route for its whole length, from every period on that leaves time."""
    length, periods, deadline = int(site.batches.length[b]), open_periods(site, b), int(site.batches.deadline[b])
    for route in _routes(site, charges, b):
        for start in periods[: max(len(periods) - length + 1, 0)]:
            run = range(start, start + length)
            yield sum((charges.request(route, t, max(run[-1] - deadline, 0)) for t in run), ZERO) / length


def _in_parts(site: Site, charges: Charges, b: int) -> Iterator[Fraction]:
    """A request of an interruptible job in each period, on its cheapest route there."""
    deadline, routes = int(site.batches.deadline[b]), _routes(site, charges, b)
    for t in open_periods(site, b) if routes else ():
        yield min(charges.request(route, t, max(t - deadline, 0)) for route in routes)


def _servers(site: Site, charges: Charges) -> Iterator[Rational]:
    """What servers add: -lambda 3600 D rho N, or the cheapest trajectory of every one under provisioning."""
    for p, row in enumerate(site.instance.servers.tolist()):
        for t, available in enumerate(row):
            one = min(charges.start(p, t), ZERO) if site.instance.provisioning else -charges.earned(p, t)
            yield _times(one, available)
        if site.instance.provisioning:
            yield from _trajectories(site, charges, p)


def _trajectories(site: Site, charges: Charges, pool: int) -> Iterator[Rational]:
    """Servers first+1..last of a pool are there in the same periods: one of them is priced."""
    available, initial = site.instance.servers[pool].tolist(), site.instance.pools[pool].initial_servers
    active = [charges.active(pool, t) for t in range(len(available))]
    start = [max(charges.start(pool, t), ZERO) for t in range(len(available))]
    levels = sorted({0.0, float(initial), *available})
    for first, last in pairwise(levels):
        off: Rational = ZERO
        on: Rational = ZERO if initial >= last else inf
        for t, servers in enumerate(available):
            entered = off + start[t]
            off, on = min(off, on), min(on, entered) + active[t] if servers >= last else inf
        yield _times(min(off, on), last - first)


def _times(price: Rational, servers: float) -> Rational:
    if price == 0 or servers == 0:
        return ZERO
    return -inf if servers == inf else price * Fraction(servers)


def _limits(site: Site, multipliers: Multipliers) -> Iterator[Fraction]:
    """What the relaxed limits give back, and what the cuts demand."""
    instance = site.instance
    for w, (mu, work) in enumerate(zip(live_slo(site, multipliers).tolist(), instance.workloads, strict=True)):
        requests = int(site.batches.requests[site.batches.workload == w].sum())
        yield -Fraction(mu) * Fraction(work.slo_budget or 0.0) * requests
    for name, nu in live_caps(site, multipliers).items():
        yield -Fraction(nu) * Fraction(getattr(instance.caps, name) or 0.0)
    fleet = live_fleet(site, multipliers)
    if fleet is not None and instance.fleet_limit is not None:
        for price, limit in zip(fleet.tolist(), instance.fleet_limit.tolist(), strict=True):
            yield -Fraction(price) * Fraction(limit)
    for cut in live_cuts(site, multipliers):
        yield Fraction(cut.multiplier) * _needed(site, cut)


def _needed(site: Site, cut: Cut) -> int:
    """Servers that a cut demands (C1)."""
    units, pools = Units(site), pools_of(site, cut).tolist()
    if site.instance.weights.miss_weight is not None or not pools:
        return 0
    seconds = ZERO
    for b in range(len(site.batches)):
        routes = list(units.routes(int(site.batches.workload[b]), int(site.batches.origin[b])))
        periods = open_periods(site, b)
        if periods.start >= cut.first and periods.stop - 1 <= cut.last and {r.pool for r in routes} <= set(pools):
            seconds += min((r.seconds for r in routes), default=ZERO) * int(site.batches.requests[b])
    return ceil(seconds / max(units.offered(p) for p in pools))
