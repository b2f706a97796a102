"""What follows from the routes alone, and is therefore worked out once for a replay."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from planner.domain.instance import Bools, Ints
from planner.domain.options import Routes


@dataclass(frozen=True, slots=True, eq=False)
class Menus:
    """The routes of every line (workload, origin), origins of a workload one after another; M the most of any.

    `route` (L,M), -1 beyond a workload's own; `cell` (L,M) where an (O,K) table holds them; `feasible` (L,M).
    """

    route: Ints
    cell: Ints
    feasible: Bools


@lru_cache(maxsize=16)
def menus(site: Routes, workloads: int) -> Menus:
    """The menus of `workloads` workloads; an origin's routes are in their own order."""
    origins, count = site.feasible.shape
    own = routes_of(site, workloads)
    route = np.full((workloads, max(map(len, own), default=0) or 1), -1)
    for workload, mine in enumerate(own):
        route[workload, : len(mine)] = mine
    route = np.repeat(route, origins, axis=0)
    origin = np.tile(np.arange(origins), workloads)[:, None]
    return Menus(route, origin * count + np.maximum(route, 0), (route >= 0) & site.feasible[origin, route])


@lru_cache(maxsize=16)
def routes_of(site: Routes, workloads: int) -> tuple[Ints, ...]:
    """The routes of each workload."""
    return tuple(np.flatnonzero(site.workload == workload) for workload in range(workloads))


@lru_cache(maxsize=16)
def leanest(site: Routes) -> Bools:
    """(O,K) feasible routes that take the fewest server-seconds of their workload in their pool."""
    seconds = np.where(site.feasible, site.server_seconds, np.inf)
    if not len(site):
        return site.feasible
    _, group = np.unique(np.stack([site.workload, site.pool]), axis=1, return_inverse=True)
    order = group.argsort(kind="stable")
    begins = np.searchsorted(group[order], np.arange(group.max() + 1))
    fewest = np.minimum.reduceat(seconds[:, order], begins, axis=1)[:, group]
    return np.asarray(site.feasible & (seconds <= fewest))
