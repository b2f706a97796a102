"""What serving, running and starting take (MODEL.md 4), in rational numbers and as it is written there."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from planner.domain.instance import Floats
from planner.verify.site import Site

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Take:
    """Carbon (kg), cost (USD, carbon price included), energy (kWh) and the sla price (O6) of something."""

    carbon: Fraction = ZERO
    cost: Fraction = ZERO
    energy: Fraction = ZERO
    sla: Fraction = ZERO

    def __add__(self, other: "Take") -> "Take":
        return Take(
            self.carbon + other.carbon, self.cost + other.cost, self.energy + other.energy, self.sla + other.sla
        )

    def __mul__(self, amount: Fraction) -> "Take":
        return Take(self.carbon * amount, self.cost * amount, self.energy * amount, self.sla * amount)


@dataclass(frozen=True, slots=True)
class Route:
    """Where and by which variant the requests of a (workload, origin) run: indices, and server-seconds of a request."""

    workload: int
    origin: int
    pool: int
    variant: int
    seconds: Fraction
    violation: Fraction


class Units:
    """Takes of one request, one active server and one start."""

    def __init__(self, site: Site) -> None:
        self._site, self._instance, self._weights = site, site.instance, site.instance.weights
        self.hours = Fraction(site.instance.step_minutes, 60)

    def routes(self, workload: int, origin: int) -> Iterator[Route]:
        """Those that residency, hardware and a hard SLO leave (M0)."""
        for variant, pool in np.argwhere(self._site.legal[workload, :, :, origin]).tolist():
            yield self.route(workload, origin, pool, variant)

    def route(self, workload: int, origin: int, pool: int, variant: int) -> Route:
        """A route by its indices."""
        at = workload, variant, pool
        seconds, violation = float(self._site.seconds[at]), float(self._site.violation[(*at, origin)])
        return Route(workload, origin, pool, variant, Fraction(seconds), Fraction(violation))

    def request(self, route: Route, period: int, delay: int) -> Take:
        """A request that runs in a period and ends `delay` periods late, 0 on time: (O1), (O4), (O6), (O7)."""
        work = self._instance.workloads[route.workload]
        joules = Fraction(float(self._site.energy_j[route.workload, route.variant, route.pool]))
        energy = self._energy(route.pool, period, joules / 3_600_000)
        moved = (Fraction(work.bytes_in) + Fraction(work.bytes_out)) / 10**9 * self._kwh_per_gb(route)
        return energy + self._emitted(moved * self._grid(route.pool, period)) + Take(sla=self._sla(route, delay))

    def active(self, pool: int, period: int) -> Take:
        """An active server: idle energy (O2), embodied carbon (O5), rent (O7)."""
        p = self._instance.pools[pool]
        rent = Take(cost=Fraction(p.price_usd_per_server_hour) * self.hours)
        embodied = self._emitted(Fraction(p.embodied_g_per_server_hour) * self.hours / 1000)
        return self._energy(pool, period, Fraction(p.idle_w) * self.hours / 1000) + embodied + rent

    def start(self, pool: int, period: int) -> Take:
        """A started server (O2)."""
        return self._energy(pool, period, Fraction(self._instance.pools[pool].startup_wh) / 1000)

    def miss(self) -> Take:
        """A missed request (O6)."""
        return Take(sla=Fraction(self._weights.miss_weight or 0.0))

    def offered(self, pool: int) -> Fraction:
        """Server-seconds of an active server in a period, 3600 D rho (M2)."""
        return 3600 * self.hours * Fraction(self._instance.pools[pool].target_utilisation)

    def price(self, take: Take) -> Fraction:
        """The objective's price of a take."""
        w = self._weights
        return Fraction(w.alpha) * take.carbon + Fraction(w.beta) * take.sla + Fraction(w.gamma) * take.cost

    def _energy(self, pool: int, period: int, kwh: Fraction) -> Take:
        """Energy before PUE as a take."""
        metered = kwh * Fraction(float(self._site.pue[pool]))
        tariff = _at(self._site.tariff, int(self._site.region[pool]), period)
        return self._emitted(metered * self._grid(pool, period)) + Take(cost=metered * tariff, energy=metered)

    def _emitted(self, carbon: Fraction) -> Take:
        return Take(carbon=carbon, cost=Fraction(self._weights.carbon_price_usd_per_kg) * carbon)

    def _grid(self, pool: int, period: int) -> Fraction:
        """Carbon intensity in kg per kWh."""
        return _at(self._instance.carbon_intensity_g_per_kwh, int(self._site.region[pool]), period) / 1000

    def _kwh_per_gb(self, route: Route) -> Fraction:
        return _at(self._site.kwh_per_gb, route.origin, int(self._site.region[route.pool]))

    def _sla(self, route: Route, delay: int) -> Fraction:
        if delay:
            return Fraction(self._weights.tardiness_weight) * delay * self.hours
        priced = self._instance.workloads[route.workload].slo_mode == "priced"
        return Fraction(self._weights.violation_weight) * route.violation if priced else ZERO


def open_periods(site: Site, b: int) -> range:
    """Periods in which a batch may run, grace included."""
    latest = min(int(site.batches.deadline[b]) + site.instance.grace_periods, site.instance.periods - 1)
    return range(int(site.batches.release[b]), latest + 1)


def _at(table: Floats, row: int, column: int) -> Fraction:
    return Fraction(float(table[row, column]))
