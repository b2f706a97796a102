"""What a batch would emit, by the period in which it starts."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import J_PER_KWH, routes
from planner.domain.protocols import HourView
from planner.errors import PolicyError
from planner.policies.menus import routes_of


def route_kwh(instance: Instance) -> Floats:
    """(O,K) kWh of grid energy that a request takes on each route, PUE and network included."""
    site, pue = routes(instance), np.array([region.pue for region in instance.regions])
    return np.asarray(site.energy_j / J_PER_KWH * pue[site.region] + site.network_kwh)


class Starts:
    """Forecast carbon of one request of each waiting batch, in g, spread evenly over the periods that it runs.

    `length` (n,) is how long each runs, `last` (n,) its last start on time. `now` (G,O,K) is what it emits on a route
    that it starts on now, where `kind` (n,) tells which of G lengths is a batch's own. With `past` starts since the
    first release are known too.
    """

    def __init__(self, view: HourView, kwh: Floats, length: Ints, last: Ints, *, past: bool = False) -> None:
        lengths, self.kind = np.unique(length, return_inverse=True)
        self._view, self._last = view, np.maximum(last, view.period)
        self._first = int(view.waiting.release.min(initial=view.period)) if past else view.period
        series = self._series(length)
        starts = int((self._last - self._first).max(initial=0)) + 1
        self.now = np.empty((len(lengths), *kwh.shape))
        self._lowest = np.full((len(lengths), len(view.workload_names), len(kwh), starts), np.inf)
        for kind, periods in enumerate(lengths):
            mean = sliding_window_view(series, periods, axis=1)[:, :starts].mean(axis=-1)
            grams = kwh[..., None] * mean[view.routes.region]
            self.now[kind] = grams[..., view.period - self._first]
            self._lowest[kind, ..., : mean.shape[1]] = _lowest(view, grams)

    def cleanest(self, start: Ints) -> Floats:
        """Grams on the cleanest route of batch i, started in the periods start[i], which may be several."""
        index = np.broadcast_to(start, (len(self.kind), *start.shape[1:])) - self._first
        waiting, shape = self._view.waiting, (-1, *[1] * (index.ndim - 1))
        who = (column.reshape(shape) for column in (self.kind, waiting.workload, waiting.origin))
        return np.asarray(self._lowest[(*who, np.minimum(index, self._lowest.shape[-1] - 1))])

    def later(self) -> tuple[Ints, Floats]:
        """(1,S) starts after this period, and (n,S) grams on the cleanest route, infinite after its last start."""
        most = int((self._last - self._view.period).max(initial=0))
        start = self._view.period + 1 + np.arange(most)[None]
        return start, np.where(start <= self._last[:, None], self.cleanest(start), np.inf)

    def _series(self, length: Ints) -> Floats:
        """(R, ...) carbon intensity, observed and forecast, as far as any batch may run."""
        if self._view.forecast is None:
            raise PolicyError("needs a forecast")
        horizon = int((self._last - self._view.period + length).max(initial=1))
        observed = self._view.carbon_intensity[:, self._first : self._view.period]
        return np.concatenate([observed, self._view.forecast(horizon)], axis=1)


def _lowest(view: HourView, grams: Floats) -> Floats:
    """(O,K,S) -> (W,O,S) on the cleanest feasible route."""
    feasible = np.where(view.routes.feasible[..., None], grams, np.inf)
    own = routes_of(view.routes, len(view.workload_names))
    return np.stack([feasible[:, mine].min(axis=1, initial=np.inf) for mine in own])
