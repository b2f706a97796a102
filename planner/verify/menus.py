"""The priced options of a workload's requests from one origin: what serving one of them costs, by route and period."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.verify.latency import ERROR
from planner.verify.prices import Prices
from planner.verify.rounding import lowered_sum
from planner.verify.site import Site
from planner.verify.stretches import Stretch


@dataclass(frozen=True, eq=False)
class Menu:
    """`on_time` and `late` (k,T): price of a request on each legal route; a late one adds `tardy` per period of delay.
    T are the periods that the stretch prices.

    `missed` is the price of not serving it, infinite where that is not allowed. All are rounded down. `pool` and
    `seconds` (k,) say where a route runs, and what server-seconds a request takes on it.
    """

    stretch: Stretch
    workload: int
    origin: int
    on_time: Floats
    late: Floats
    tardy: float
    missed: float
    pool: Ints
    seconds: Floats

    @cached_property
    def best_on_time(self) -> Floats:
        """(T,) the cheapest route, infinite where there is none."""
        return np.asarray(self.on_time.min(axis=0, initial=np.inf))

    @cached_property
    def best_late(self) -> Floats:
        """(T,) as `best_on_time`, after the deadline."""
        return np.asarray(self.late.min(axis=0, initial=np.inf))

    def delayed(self, late: Floats, delay: np.ndarray | int) -> Floats:
        """Prices of `late` where the request ends `delay` periods past the deadline."""
        finite = np.isfinite(late)
        return np.where(finite, lowered_sum((np.where(finite, late, 0.0),), (delay, self.tardy)), late)


def menus(site: Site, prices: Prices) -> Iterator[Menu]:
    """One menu for each (workload, origin) that releases batches, one workload's tables in memory at a time."""
    asked, legal = _asked(site, prices.stretch), site.legal
    for w in np.flatnonzero(asked.any(axis=1)).tolist():
        variant, pool = np.nonzero(site.runs[w] & site.allowed[w])
        served = _served(site, prices, w, variant, pool)
        for o in np.flatnonzero(asked[w]).tolist():
            fine = legal[w, variant, pool, o]
            yield _menu(site, prices, (w, o), (variant[fine], pool[fine]), served[fine])


def _asked(site: Site, stretch: Stretch) -> Bools:
    """(W,O) whether anything is released in the stretch."""
    asked = np.array(site.instance.requests[:, :, stretch.released].any(axis=2))
    mine = released_jobs(site, stretch)
    asked[site.jobs.workload[mine], site.jobs.origin[mine]] = True
    return asked


def released_jobs(site: Site, stretch: Stretch) -> Ints:
    """Indices of the explicit jobs that are released in the stretch."""
    release = site.jobs.release
    return np.flatnonzero((release >= stretch.first) & (release < stretch.end))


def _served(site: Site, prices: Prices, w: int, variant: Ints, pool: Ints) -> Floats:
    """(k,T) energy and load of a request, wherever it comes from."""
    kwh = (site.energy_j[w, variant, pool] / 3.6e6 * site.pue[pool])[:, None]
    seconds = site.seconds[w, variant, pool][:, None]
    return lowered_sum((kwh, prices.energy[site.region[pool]]), (seconds, prices.seconds[pool]))


def _menu(site: Site, prices: Prices, pair: tuple[int, int], route: tuple[Ints, Ints], served: Floats) -> Menu:
    (w, o), (variant, pool) = pair, route
    weights, mu = site.instance.weights, float(prices.violation[w])
    at = site.region[pool]
    moved = (site.gb[w] * site.kwh_per_gb[o, at])[:, None]
    pi = site.violation[w, variant, pool, o][:, None]
    objective = weights.beta * weights.violation_weight if site.instance.workloads[w].slo_mode == "priced" else 0.0
    common = ((served,), (moved, prices.network[at]))
    miss = None if weights.miss_weight is None else lowered_sum((weights.beta, weights.miss_weight), (mu,))
    return Menu(
        stretch=prices.stretch,
        workload=w,
        origin=o,
        on_time=lowered_sum(*common, (pi, mu), (pi, objective)) - 2 * ERROR * (mu + objective),
        late=lowered_sum(*common, (mu,)),
        tardy=float(lowered_sum((weights.beta, weights.tardiness_weight, site.instance.step_hours))),
        missed=np.inf if miss is None else float(miss),
        pool=pool,
        seconds=site.seconds[w, variant, pool],
    )
