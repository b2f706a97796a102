"""The objective's prices and those of the multipliers together (MODEL.md 6), in rational numbers."""

from fractions import Fraction

import numpy as np

from planner.domain.results import Multipliers
from planner.verify.exact_units import ZERO, Route, Take, Units
from planner.verify.prices import live_caps, live_cuts, live_fleet, live_slo
from planner.verify.site import Site


class Charges:
    """What the Lagrangian charges for one request, one active server and one start."""

    def __init__(self, site: Site, multipliers: Multipliers) -> None:
        self.units, self._site, self._multipliers = Units(site), site, multipliers
        self._nu = {name: Fraction(x) for name, x in live_caps(site, multipliers).items()}
        self._mu = [Fraction(x) for x in live_slo(site, multipliers).tolist()]
        fleet = live_fleet(site, multipliers)
        self._fleet = np.zeros(site.instance.periods) if fleet is None else fleet
        self._cuts = live_cuts(site, multipliers)

    def request(self, route: Route, period: int, delay: int) -> Fraction:
        """A request in a period; one that is late counts as a violation (M11)."""
        broken = Fraction(1) if delay else route.violation
        load = self._capacity(route.pool, period) * route.seconds
        return self._take(self.units.request(route, period, delay)) + load + self._mu[route.workload] * broken

    def miss(self, workload: int) -> list[Fraction]:
        """A missed request, where that is allowed."""
        allowed = self._site.instance.weights.miss_weight is not None
        return [self._take(self.units.miss()) + self._mu[workload]] if allowed else []

    def active(self, pool: int, period: int) -> Fraction:
        """An active server: what it takes less what its capacity and the cuts earn."""
        region = int(self._site.region[pool])
        cuts = (Fraction(c.multiplier) for c in self._cuts if region in c.regions and c.first <= period <= c.last)
        earned = self.earned(pool, period) + sum(cuts, ZERO)
        return self._take(self.units.active(pool, period)) + Fraction(float(self._fleet[period])) - earned

    def start(self, pool: int, period: int) -> Fraction:
        """A started server."""
        return self._take(self.units.start(pool, period))

    def earned(self, pool: int, period: int) -> Fraction:
        """Capacity of a server at its multiplier (M2)."""
        return self._capacity(pool, period) * self.units.offered(pool)

    def _capacity(self, pool: int, period: int) -> Fraction:
        return Fraction(float(self._multipliers.capacity[pool, period]))

    def _take(self, take: Take) -> Fraction:
        nu = self._nu
        capped = nu["carbon_kg"] * take.carbon + nu["cost_usd"] * take.cost + nu["energy_kwh"] * take.energy
        return self.units.price(take) + capped
