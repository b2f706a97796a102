"""Second part of the Lagrangian: the cheapest trajectory of every server, by a dynamic programme of two states."""

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.verify.prices import Prices
from planner.verify.rounding import below, lowered_sum
from planner.verify.site import Site


class ServerProgramme:
    """What servers add at least, priced stretch by stretch in order.

    Server i of a pool exists in t iff i <= N[p,t] and is on before iff i <= y[p,-1]: alike servers are priced once.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._pool, self._first, self._last = _alike(site.instance)
        self._off = np.zeros(len(self._pool))
        self._on = np.where(_initial(site.instance)[self._pool] >= self._last, 0.0, np.inf)

    def advance(self, prices: Prices) -> Floats:
        """At most what the stretch settles: -lambda 3600 D rho N, or what starting earns under provisioning."""
        if not self._site.instance.provisioning:
            return _fixed(self._site, prices)
        for k in range(len(prices.stretch)):
            self._step(prices.stretch.first + k, prices.startup[self._pool, k], prices.active[self._pool, k])
        # where starting earns money (a negative tariff), all that are available start, whatever is active
        earned = np.minimum(prices.startup[:, : len(prices.stretch)], 0.0)
        return _times(earned, self._site.instance.servers[:, prices.stretch.released])

    def _step(self, period: int, startup: Floats, active: Floats) -> None:
        entered = below(self._off + np.maximum(startup, 0.0))
        self._off, kept = np.minimum(self._off, self._on), self._on
        here = self._site.instance.servers[self._pool, period] >= self._last
        self._on = np.where(here, below(np.minimum(kept, entered) + active), np.inf)

    def trajectories(self) -> Floats:
        """At most what the cheapest trajectories up to here cost, by group of alike servers."""
        return _times(np.minimum(self._off, self._on), self._last - self._first)


def _fixed(site: Site, prices: Prices) -> Floats:
    """A multiplier on an unlimited pool proves nothing: minus infinity."""
    available = site.instance.servers[:, prices.stretch.released]
    seconds = prices.seconds[:, : len(prices.stretch)]
    limited = np.isfinite(available)
    paid = lowered_sum((-site.seconds_per_server[:, None], seconds, np.where(limited, available, 0.0)))
    return np.where(~limited & (seconds > 0), -np.inf, paid)


def _times(price: Floats, servers: Floats) -> Floats:
    """At most the product, 0 where nothing is earned although servers are without limit."""
    with np.errstate(invalid="ignore"):
        return np.where(price == 0, 0.0, below(price * servers))


def _initial(instance: Instance) -> Floats:
    return np.array([p.initial_servers for p in instance.pools], dtype=np.float64)


def _alike(instance: Instance) -> tuple[np.ndarray, Floats, Floats]:
    """Groups of alike servers: pool, and the numbers first+1..last of the servers in it; none without provisioning."""
    groups = []
    for p, (row, initial) in enumerate(zip(instance.servers, _initial(instance), strict=True)):
        levels = np.unique(np.concatenate([[0.0], row, [initial]])) if instance.provisioning else np.zeros(0)
        groups += [(p, a, b) for a, b in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True)]
    table = np.array(groups, dtype=np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1], table[:, 2]
