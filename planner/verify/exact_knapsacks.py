"""The knapsacks of whole batches (MODEL.md 6) in rational numbers: exact weights and capacities, no tolerance."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from math import inf

from planner.domain.instance import Floats
from planner.verify.exact_charges import Charges
from planner.verify.exact_units import ZERO, open_periods
from planner.verify.site import Site

Cell = tuple[int, int]  # pool, period
Item = tuple[Fraction, Fraction]  # server-seconds, and what is earned beside the price of (M1)


def batches_apart(site: Site, prices: Floats | None) -> list[int]:
    """Count batches that may not be split, where there are prices (W,O,T) of them."""
    counted = range(0 if prices is None else len(site.batches))
    return [b for b in counted if site.batches.job[b] < 0 and site.whole[site.batches.workload[b]]]


def knapsack_terms(site: Site, charges: Charges, prices: Floats) -> Iterator[Fraction]:
    """The prices of these batches, what missing them saves, and what the cells earn."""
    cells: defaultdict[Cell, list[list[Item]]] = defaultdict(list)
    for b in batches_apart(site, prices):
        w, o = int(site.batches.workload[b]), int(site.batches.origin[b])
        price = Fraction(float(prices[w, o, site.batches.release[b]]))
        yield price
        yield min([ZERO, *(miss * int(site.batches.requests[b]) - price for miss in charges.miss(w))])
        for cell, items in _items(site, charges, b, price).items():
            cells[cell].append(items)
    for (pool, period), batches in cells.items():
        yield -_most(batches, _room(site, charges, pool, period))


def _items(site: Site, charges: Charges, b: int, price: Fraction) -> dict[Cell, list[Item]]:
    """A batch's options by cell."""
    found: defaultdict[Cell, list[Item]] = defaultdict(list)
    requests, deadline = int(site.batches.requests[b]), int(site.batches.deadline[b])
    for route in charges.units.routes(int(site.batches.workload[b]), int(site.batches.origin[b])):
        for t in open_periods(site, b):
            cost = charges.request(route, t, max(t - deadline, 0)) * requests
            found[route.pool, t].append((route.seconds * requests, price - cost))
    return found


def _room(site: Site, charges: Charges, pool: int, period: int) -> Fraction | float:
    """Server-seconds of all servers that are available (M2), infinite where they are without limit."""
    servers = float(site.instance.servers[pool, period])
    return inf if servers == inf else charges.units.offered(pool) * Fraction(servers)


def _most(batches: list[list[Item]], room: Fraction | float) -> Fraction:
    """The most that items earn together, at most one of a batch: every choice that none betters is followed."""
    chosen: list[Item] = [(ZERO, ZERO)]
    for items in batches:
        more = [(load + s, earned + v) for load, earned in chosen for s, v in items if load + s <= room]
        chosen = _unbettered(chosen + more)
    return chosen[-1][1]


def _unbettered(choices: list[Item]) -> list[Item]:
    """Those that earn more than every one that is no heavier, ascending."""
    kept: list[Item] = []
    for load, earned in sorted(choices, key=lambda c: (c[0], -c[1])):
        if not kept or earned > kept[-1][1]:
            kept.append((load, earned))
    return kept
