"""Crowded regions in words: intervals in which demand that only they may serve exceeds the servers they have."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.options import Options
from planner.domain.results import Multipliers
from planner.solve.words import amount, hours


@dataclass(frozen=True, slots=True)
class _Crowd:
    """An interval in which the demand that only some regions may serve exceeds what they have."""

    regions: tuple[int, ...]
    first: int
    last: int
    needed: float
    there: float
    workloads: tuple[str, ...]


def crowded(table: Options, prices: Multipliers) -> Iterator[str]:
    """The clearest overfull intervals among the periods where the elastic relaxation prices capacity."""
    instance = table.instance
    priced = np.flatnonzero((prices.capacity > 1e-12).any(axis=0))
    if not len(priced):
        return
    crowds = [c for s in _region_sets(table) for c in [_worst_interval(table, s, priced)] if c is not None]
    for c in sorted(crowds, key=lambda c: c.there - c.needed)[:3]:
        where = ", ".join(instance.regions[r].name for r in c.regions)
        count = f"{len(c.workloads)} workload" + ("s need" if len(c.workloads) > 1 else " needs")
        yield (
            f"(M2), (M3) {hours(np.arange(c.first, c.last + 1))}: {count} {amount(c.needed, 6)} server-hours "
            f"in {{{where}}}, {amount(c.there, 6)} exist ({', '.join(c.workloads)})"
        )


def _region_sets(table: Options) -> list[frozenset[int]]:
    site = table.routes
    own = {
        frozenset(site.region[(site.workload == w) & site.feasible[o]].tolist())
        for w in range(len(table.instance.workloads))
        for o in np.flatnonzero(table.instance.requests[w].any(axis=1) | _has_jobs(table.instance, w))
    }
    return sorted((s for s in own | {a | b for a in own for b in own} if s), key=lambda s: (len(s), sorted(s)))


def _has_jobs(instance: Instance, w: int) -> Bools:
    from_ = {j.origin for j in instance.jobs if j.workload == instance.workloads[w].name}
    return np.array([o in from_ for o in instance.origins])


def _worst_interval(table: Options, regions: frozenset[int], priced: Ints) -> _Crowd | None:
    """The interval of priced periods in which the captive demand of `regions` exceeds its servers most."""
    instance = table.instance
    pools = np.flatnonzero(np.isin(instance.pool_region, list(regions)))
    offered = (table.server_capacity[pools] / 3600.0) @ instance.servers[pools]
    captive = _captive(table, regions)
    best: _Crowd | None = None
    for first in priced.tolist():
        inside = captive.release >= first
        due = np.bincount(captive.deadline[inside], captive.hours[inside], minlength=instance.periods)
        there = np.cumsum(offered[first:])  # infinite from a period without a limit on
        over = np.cumsum(due[first:]) - there
        most = int(np.argmax(over))
        if over[most] > 1e-6 and (best is None or over[most] > best.needed - best.there + 1e-9):
            last = first + most
            within = inside & (captive.deadline <= last)
            names = tuple(instance.workloads[w].name for w in np.unique(captive.workload[within]))
            needed, held = float(there[most] + over[most]), float(there[most])
            best = _Crowd(tuple(sorted(regions)), first, last, needed, held, names)
    return best


@dataclass(frozen=True, slots=True, eq=False)
class _Captive:
    hours: Floats
    release: Ints
    deadline: Ints
    workload: Ints


def _captive(table: Options, regions: frozenset[int]) -> _Captive:
    """Batches that only `regions` may serve: least server-hours, release, last period."""
    instance, site, batches = table.instance, table.routes, table.instance.batches()
    least = np.full((len(instance.workloads), len(instance.origins)), np.inf)
    held = np.ones_like(least, dtype=np.bool_)
    for k in range(len(site)):
        feasible = site.feasible[:, k]
        w = site.workload[k]
        least[w, feasible] = np.minimum(least[w, feasible], site.server_seconds[k])
        held[w, feasible] &= site.region[k] in regions
    at = np.flatnonzero((held & np.isfinite(least))[batches.workload, batches.origin])
    hours = batches.requests[at] * least[batches.workload[at], batches.origin[at]] / 3600.0
    latest = np.minimum(batches.deadline[at] + instance.grace_periods, instance.periods - 1)
    return _Captive(hours, batches.release[at], latest, batches.workload[at])
