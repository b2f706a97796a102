"""Scores of routes, lower first."""

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.domain.protocols import HourView


def ranked(view: HourView, *keys: Floats | Bools) -> Floats:
    """(O,K) rank of every route for every origin by keys that broadcast to (O,K), the first one first.

    Ties go to the first region in instance order (MODEL.md 9), within a region to the lowest price.
    """
    origins, routes = view.unit_price.shape
    order = [view.unit_price, view.routes.region, *reversed(keys)]
    by_rank = np.lexsort([np.broadcast_to(key, (origins, routes)) for key in order], axis=-1)
    rank = np.empty((origins, routes))
    rank[np.arange(origins)[:, None], by_rank] = np.arange(routes)
    return rank


def now(view: HourView) -> Floats:
    """(K,) carbon intensity of each route's region in this period, g/kWh."""
    return np.asarray(view.carbon_intensity[view.routes.region, -1])


def rtt(view: HourView) -> Floats:
    """(O,K) round-trip time of each origin and route, ms."""
    return np.asarray(view.rtt_ms[:, view.routes.region])
