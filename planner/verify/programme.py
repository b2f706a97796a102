"""Second part of the Lagrangian: the cheapest trajectory of every server, by a dynamic programme of two states."""

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.verify.prices import Prices
from planner.verify.rounding import below, lowered_sum
from planner.verify.site import Site


def server_bound(site: Site, prices: Prices) -> Floats:
    """At most what servers add: trajectories under provisioning, else -lambda 3600 D rho N."""
    return _trajectories(site.instance, prices) if site.instance.provisioning else _fixed(site, prices)


def _fixed(site: Site, prices: Prices) -> Floats:
    """A multiplier on an unlimited pool proves nothing: minus infinity."""
    available = site.instance.servers
    limited = np.isfinite(available)
    paid = lowered_sum((-site.seconds_per_server[:, None], prices.seconds, np.where(limited, available, 0.0)))
    return np.where(~limited & (prices.seconds > 0), -np.inf, paid)


def _trajectories(instance: Instance, prices: Prices) -> Floats:
    """Server i of a pool exists in t iff i <= N[p,t] and is on before iff i <= y[p,-1]: alike servers are priced once.

    Where starting earns money (a negative tariff), all that are available start, whatever is active.
    """
    pool, first, last = _alike(instance)
    off, on = np.zeros(len(pool)), np.where(_initial(instance)[pool] >= last, 0.0, np.inf)
    for t in range(instance.periods):
        entered = below(off + np.maximum(prices.startup[pool, t], 0.0))
        off, kept = np.minimum(off, on), on
        here = instance.servers[pool, t] >= last
        on = np.where(here, below(np.minimum(kept, entered) + prices.active[pool, t]), np.inf)
    cheapest = np.minimum(off, on)
    earned = np.minimum(prices.startup, 0.0)
    return np.concatenate([_times(cheapest, last - first), np.ravel(_times(earned, instance.servers))])


def _times(price: Floats, servers: Floats) -> Floats:
    """At most the product, 0 where nothing is earned although servers are without limit."""
    with np.errstate(invalid="ignore"):
        return np.where(price == 0, 0.0, below(price * servers))


def _initial(instance: Instance) -> Floats:
    return np.array([p.initial_servers for p in instance.pools], dtype=np.float64)


def _alike(instance: Instance) -> tuple[np.ndarray, Floats, Floats]:
    """Groups of alike servers: pool, and the numbers first+1..last of the servers in it."""
    groups = []
    for p, (row, initial) in enumerate(zip(instance.servers, _initial(instance), strict=True)):
        levels = np.unique(np.concatenate([[0.0], row, [initial]]))
        groups += [(p, a, b) for a, b in zip(levels[:-1].tolist(), levels[1:].tolist(), strict=True)]
    table = np.array(groups, dtype=np.float64).reshape(-1, 3)
    return table[:, 0].astype(np.int64), table[:, 1], table[:, 2]
