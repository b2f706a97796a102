"""Second part of the smoothed Lagrangian: alike servers of a pool, each on its cheapest trajectory of on and off."""

from itertools import pairwise

import numpy as np
from scipy.special import expit

from planner.bounds.taken import ACCOUNTS, Taken, live_caps
from planner.domain.instance import Bools, Floats, Ints
from planner.domain.options import Options
from planner.domain.results import Multipliers


class ServerDual:
    """G groups of alike servers under provisioning; those of a pool without limit are left out.

    Let d[t] be what being on in t costs more than being off in t, all before included. With active price a and start-up
    price u, d[t] = a[t] + min(d[t-1], u[t]) - min(d[t-1], 0); the cheapest trajectory costs the sum of min(d[t], 0).
    """

    def __init__(self, options: Options, cuts_earn: Floats) -> None:
        instance = options.instance
        self._options, self._cuts_earn = options, cuts_earn
        self._pool, self._servers, self._exists, self._on_before = _alike(options)
        size = (np.abs(options.active.price) + np.abs(options.startup.price)).mean(axis=1)
        self._size = np.where(size > 0, size, 1.0)[self._pool]
        self._caps = live_caps(instance)

    def cost(self, prices: Multipliers, temperature: float, taken: Taken) -> float:
        """Every server on its smoothed cheapest trajectory; what servers and starts take is added to `taken`."""
        h = temperature * self._size
        active, startup = (table[self._pool].T / h for table in self._prices(prices))
        active = np.where(self._exists, active, np.inf)
        entered = np.maximum(startup, 0.0)
        entered[0, self._on_before] = 0.0  # who was on before may stay on
        more = _more_than_off(active, entered)
        on, started = _probabilities(more, entered)
        started[0, self._on_before] = 0.0
        # Where starting earns money (a negative tariff) all that exist start, whatever is active.
        started = np.where(startup < 0, self._exists, started)
        self._take(taken, on, started)
        each = np.logaddexp(0.0, -more) - np.minimum(startup, 0.0) * self._exists
        return float(-each.sum(axis=0) @ (h * self._servers))

    def _prices(self, prices: Multipliers) -> tuple[Floats, Floats]:
        """(P,T) price of an active and of a started server."""
        options = self._options
        active = options.active.price - options.server_capacity[:, None] * prices.capacity - self._cuts_earn
        startup = options.startup.price
        if prices.fleet is not None:
            active = active + prices.fleet
        for name in self._caps:
            active = active + prices.caps[name] * getattr(options.active, ACCOUNTS[name])
            startup = startup + prices.caps[name] * getattr(options.startup, ACCOUNTS[name])
        return active, startup

    def _take(self, taken: Taken, on: Floats, started: Floats) -> None:
        servers, starts = self._by_pool(on), self._by_pool(started)
        taken.servers += servers
        for name in self._caps:
            active, startup = (getattr(x, ACCOUNTS[name]) for x in (self._options.active, self._options.startup))
            taken.use({name: float((active * servers).sum() + (startup * starts).sum())})

    def _by_pool(self, probability: Floats) -> Floats:
        out = np.zeros(self._options.instance.servers.shape)
        np.add.at(out, self._pool, (probability * self._servers).T)
        return out


def _more_than_off(active: Floats, startup: Floats) -> Floats:
    """(T,G) d of `ServerDual`, all in units of the temperature; everyone is off before."""
    out = np.empty_like(active)
    before = np.full(active.shape[1], np.inf)
    for d, a, u in zip(out, active, startup, strict=True):
        np.add(a + u, np.logaddexp(0.0, -before) - np.logaddexp(0.0, u - before), out=d)
        before = d
    return out


def _probabilities(more: Floats, startup: Floats) -> tuple[Floats, Floats]:
    """(T,G) of being active and of starting: the derivatives of the cost by a and u, from the last period back."""
    off = expit(-more)
    stays = np.concatenate([expit(startup[1:] - more[:-1]), np.zeros_like(more[:1])])
    on = np.empty_like(more)
    after = np.zeros(more.shape[1])
    for t in range(len(more) - 1, -1, -1):
        after = on[t] = off[t] + (stays[t] - off[t]) * after
    leaves = np.concatenate([np.ones_like(more[:1]), 1.0 - stays[:-1]])
    return on, leaves * on


def _alike(options: Options) -> tuple[Ints, Floats, Bools, Bools]:
    """Groups of servers that exist in the same periods: pool (G,), how many (G,), (T,G) exist, (G,) on before."""
    pool, servers, exists, before = [], [], [], []
    for p, (row, owner) in enumerate(zip(options.instance.servers, options.instance.pools, strict=True)):
        levels = np.unique([0.0, owner.initial_servers, *row[np.isfinite(row)]])
        for lower, upper in pairwise(levels.tolist()):
            pool.append(p)
            servers.append(upper - lower)
            exists.append(row >= upper)
            before.append(owner.initial_servers >= upper)
    periods = options.instance.periods
    table = np.array(exists, dtype=np.bool_).reshape(-1, periods).T
    return np.array(pool, dtype=np.int64), np.array(servers), table, np.array(before, dtype=np.bool_)
