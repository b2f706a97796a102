"""What requests would cost in the hours ahead, by the forecast."""

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import HourView
from planner.errors import PolicyError

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
        site, weights = view.routes, view.weights
        route = self._cheapest(view)
        ahead = view.forecast(horizon)
        more = (ahead - view.carbon_intensity[:, -1:])[site.region[route]] / G_PER_KG
        kwh = site.energy_j / J_PER_KWH * self._pue[site.region] + site.network_kwh
        origin = np.arange(len(view.rtt_ms))[None, :, None]
        per_kg = weights.alpha + weights.gamma * weights.carbon_price_usd_per_kg
        price = view.unit_price[origin, route][..., None] + per_kg * kwh[origin, route][..., None] * more
        possible = site.feasible[origin, route] & (route >= 0)
        return np.where(possible[..., None], price, np.inf), route

    def _cheapest(self, view: HourView) -> Ints:
        """(W,O,P) the cheapest feasible route now, the first of equals; -1 where there is none."""
        site = view.routes
        shape = (len(view.workload_names), len(view.rtt_ms), len(view.pool_names))
        origin, k = np.nonzero(site.feasible)
        # What is written last stays: dearest first, and of equals the first route last.
        dearest = np.lexsort((-k, -view.unit_price[origin, k]))
        origin, k = origin[dearest], k[dearest]
        route = np.full(shape, -1)
        route[site.workload[k], origin, site.pool[k]] = k
        return route
