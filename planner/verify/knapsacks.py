"""(M2) kept for batches that run whole: in every cell (pool, period) they fit together, as a 0/1 knapsack.

Values are rounded up, weights down to whole units of the capacity, and the capacity is what the judge tolerates, so
that no plan it accepts lies below the bound.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.results import FEASIBILITY, Multipliers
from planner.verify.menus import Menu, menus
from planner.verify.packing import GRID, best_value
from planner.verify.prices import live_batches, priced
from planner.verify.rounding import lowered_sum
from planner.verify.site import Site
from planner.verify.stretches import Stretch


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The whole batches of a menu: `requests` and `price` (M1) of each by release (T,).

    They run on time up to `slack` periods after that, late up to `longest`.
    """

    number: int
    menu: Menu
    requests: Floats
    price: Floats
    slack: int
    longest: int


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Options that earn something and fit, on one pool, as columns; `batch` tells the batches of a period apart."""

    period: Ints
    batch: Ints
    value: Floats
    units: Ints


def knapsacks(site: Site, multipliers: Multipliers) -> Iterator[Floats]:
    """At most what the priced whole batches add: their prices, what missing them saves, less what the cells earn."""
    prices = live_batches(site, multipliers)
    if prices is None:
        return
    periods = site.instance.periods
    everything = menus(site, priced(site, multipliers, Stretch(0, periods, periods)))
    lines = [_line(site, k, menu, prices) for k, menu in enumerate(everything) if site.whole[menu.workload]]
    for line in lines:
        yield from _unplaced(line)
    for pool, room in enumerate(_room(site)):
        yield -_earned([items for line in lines for items in _on_pool(line, pool, room)], periods)


def _line(site: Site, number: int, menu: Menu, prices: Floats) -> Line:
    at, instance = (menu.workload, menu.origin), site.instance
    slack = instance.workloads[menu.workload].slack_periods
    longest = min(slack + instance.grace_periods, instance.periods - 1)
    return Line(number, menu, instance.requests[at].astype(np.float64), prices[at], slack, longest)


def _unplaced(line: Line) -> Iterator[Floats]:
    """The prices of the batches, and what those save that are missed."""
    asked, missed = line.requests > 0, line.menu.missed
    yield line.price[asked]
    if np.isfinite(missed):
        yield np.minimum(lowered_sum((line.requests[asked], missed), (-line.price[asked],)), 0.0)


def _room(site: Site) -> Floats:
    """(P,T) server-seconds that the judge lets batches take where all servers are active (M2).

    A share that passes for 1 may be 1e-6 less; that is less than a unit of the grid, and weights are rounded down.
    """
    servers = site.instance.servers
    if site.instance.provisioning:
        servers = servers + FEASIBILITY * np.maximum(1.0, servers)  # the tolerance of (M3)
    offered = site.seconds_per_server[:, None] * servers
    return np.asarray(offered + FEASIBILITY * np.maximum(1.0, offered))


def _on_pool(line: Line, pool: int, room: Floats) -> Iterator[Items]:
    """One batch of every period at a time: the one that was released so many periods before."""
    routes = np.flatnonzero(line.menu.pool == pool)
    for wait in range(line.longest + 1 if len(routes) else 0):
        yield _waited(line, routes, room, wait)


def _waited(line: Line, routes: Ints, room: Floats, wait: int) -> Items:
    """Items of batches that run `wait` periods after their release."""
    menu, late = line.menu, wait - line.slack
    requests, price = _shifted(line.requests, wait), _shifted(line.price, wait)
    cost = menu.delayed(menu.late[routes], late) if late > 0 else menu.on_time[routes]
    value = -lowered_sum((requests, cost), (-price,))
    units = np.floor(lowered_sum((requests, menu.seconds[routes, None], GRID / room)))
    route, period = np.nonzero((requests > 0) & (value > 0) & (units <= GRID))
    batch = np.full(len(period), line.number * len(room) + wait)
    return Items(period, batch, value[route, period], units[route, period].astype(np.int64))


def _shifted(series: Floats, wait: int) -> Floats:
    """(T,) what lies `wait` periods before, 0 before the first."""
    out = np.zeros(len(series))
    out[wait:] = series[: len(series) - wait]
    return out


def _earned(parts: list[Items], periods: int) -> Floats:
    """(T,) at least what the best items that fit together are worth."""
    if not parts:
        return np.zeros(periods)
    rows = ((i.period, i.batch, i.value, i.units) for i in parts)
    period, batch, value, units = map(np.concatenate, zip(*rows, strict=True))
    order = np.lexsort((-value, batch, period))
    ends = np.searchsorted(period[order], np.arange(1, periods))
    cells = np.split(order, ends)
    return np.array([best_value(batch[c], value[c], units[c]) for c in cells])
