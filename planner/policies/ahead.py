"""What requests would cost in the hours ahead, by the forecast."""

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import HourView
from planner.errors import PolicyError
from planner.policies.alike import firsts, kinds

G_PER_KG = 1e3
J_PER_KWH = 3.6e6


class PricesAhead:
    """The objective's price of a request (W,O,P,H) on its cheapest route of each pool in the hours ahead.

    Only the carbon intensity changes, as it is forecast; tariffs stay as they are. Infinite where no route is feasible.
    """

    def __init__(self, instance: Instance) -> None:
        self._pue = np.array([r.pue for r in instance.regions])

    def table(self, view: HourView, horizon: int) -> tuple[Floats, Ints]:
        """Prices (W,O,P,H), the first hour now, and the route (W,O,P) that they are of."""
        if view.forecast is None:
            raise PolicyError("it needs a forecast")
        site, weights, workloads = view.routes, view.weights, len(view.workload_names)
        of = kinds(site, workloads)
        workload, origin = firsts(site, workloads)
        route = _cheapest(view, workload, origin)
        ahead = view.forecast(horizon)
        more = (ahead - view.carbon_intensity[:, -1:])[site.region[route]] / G_PER_KG
        line = origin[:, None], route
        kwh = site.energy_j[route] / J_PER_KWH * self._pue[site.region[route]] + site.network_kwh[line]
        per_kg = weights.alpha + weights.gamma * weights.carbon_price_usd_per_kg
        price = view.unit_price[line][..., None] + (per_kg * kwh)[..., None] * more
        return np.where((route >= 0)[..., None], price, np.inf)[of], route[of]


def _cheapest(view: HourView, workload: Ints, origin: Ints) -> Ints:
    """(C,P) for workloads and origins (C,) the cheapest feasible route now, the first of equals; -1 where none is."""
    site = view.routes
    line, k = np.nonzero(site.feasible[origin] & (site.workload == workload[:, None]))
    # What is written last stays: dearest first, and of equals the first route last.
    dearest = np.lexsort((-k, -view.unit_price[origin[line], k]))
    route = np.full((len(origin), len(view.pool_names)), -1)
    route[line[dearest], site.pool[k[dearest]]] = k[dearest]
    return route
