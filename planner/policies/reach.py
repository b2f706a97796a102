"""What the regions that a request may go to have to offer."""

from functools import lru_cache

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.domain.options import Routes
from planner.domain.protocols import HourView
from planner.policies.ranking import now


def reachable(view: HourView) -> Bools:
    """(W,O,R) regions with a feasible route."""
    return _reachable(view.routes, len(view.workload_names), len(view.region_names))


@lru_cache(maxsize=16)
def _reachable(site: Routes, workloads: int, regions: int) -> Bools:
    found = np.zeros((workloads, len(site.feasible), regions), dtype=np.bool_)
    origin, route = np.nonzero(site.feasible)
    found[site.workload[route], origin, site.region[route]] = True
    found.flags.writeable = False
    return found


def lowest(reach: Bools, series: Floats) -> Floats:
    """(W,O,...) the least of a series (R,...) over the reachable regions, 0 where none is."""
    wide = reach.reshape(*reach.shape, *(1,) * (series.ndim - 1))
    least = np.where(wide, series, np.inf).min(axis=2)
    return np.where(np.isinf(least), 0.0, least)


def highest(reach: Bools, series: Floats) -> Floats:
    """(W,O,...) the most of a series (R,...) over the reachable regions, 0 where none is."""
    wide = reach.reshape(*reach.shape, *(1,) * (series.ndim - 1))
    return np.asarray(np.where(wide, series, 0.0).max(axis=2))


def last_rank(view: HourView, limit: Floats) -> Floats:
    """(n,) the last rank, of routes ranked by carbon intensity first, that a limit (n,) of it in g/kWh still allows."""
    return np.asarray(np.count_nonzero(now(view) <= limit[:, None], axis=1) - 1, dtype=np.float64)
