"""Fewer servers for what can wait in dirty hours."""

from functools import lru_cache
from math import ceil
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq

from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.due_first import due_first, within
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked

HOURS = 48


def competitive_ratio(k: int, spread: float) -> float:
    """Alpha in (1, U/L] with (1 + 1/(k alpha))^k = (U-L) / (U (1 - 1/alpha)), for k servers and U/L = spread > 1."""

    def excess(alpha: float) -> float:
        return (1 + 1 / (k * alpha)) ** k * (1 - 1 / alpha) - (1 - 1 / spread)

    return float(brentq(excess, 1.0, spread, xtol=1e-14, rtol=1e-14))


@lru_cache(maxsize=4096)
def thresholds(k: int, low: float, high: float) -> Floats:
    """(k,) Phi_i = U (1 - (1 - 1/alpha)(1 + 1/(alpha k))^(i-1)): the dirtiest hour for server i above the floor."""
    alpha = competitive_ratio(k, high / low)
    return np.asarray(high * (1 - (1 - 1 / alpha) * (1 + 1 / (alpha * k)) ** np.arange(k)))


def quota(servers: float, floor: float, intensity: float, low: float, high: float) -> float:
    """Servers that may run at a carbon intensity: ceil(floor N) and one for every leading Phi_i >= it.

    All of them where L = U, where the floor leaves none, where L = 0 (no alpha is finite) and in an unlimited pool.
    """
    if not np.isfinite(servers):
        return servers
    least = ceil(floor * servers)
    k = int(servers) - least
    if k <= 0 or low <= 0 or high <= low:
        return servers
    return least + int(np.count_nonzero(thresholds(k, low, high) >= intensity))


class Cap:
    """Every pool offers to what can wait a quota of its servers only, the smaller the dirtier its hour; see `quota`.

    L, U are the least and most forecast carbon intensity of the pool's region in the next 48 hours. `floor` is the
    share of servers that is always offered; what must run now may take all. Underneath: earliest deadline first,
    cleanest region first.
    Source: Lechowicz et al., Carbon-Aware Provisioning (CAP), arXiv 2502.09717.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, floor: float = 0.2) -> None:
        if not 0 <= floor <= 1:
            raise ValueError(f"floor={floor:g}: a number in [0, 1] is expected")
        self._pressure, self._floor, self._region = Pressure(instance), floor, instance.pool_region

    def decide(self, view: HourView) -> Decision:
        """What must run, then the rest within the quotas."""
        if view.forecast is None:
            raise PolicyError("cap needs a forecast")
        ahead = view.forecast(max(1, round(HOURS / view.step_hours)))
        bounds = np.stack([view.carbon_intensity[:, -1], ahead.min(axis=1), ahead.max(axis=1)])[:, self._region]
        servers = zip(view.servers_available.tolist(), *bounds.tolist(), strict=True)
        quotas = np.array([quota(n, self._floor, *of_region) for n, *of_region in servers])
        score = ranked(view, now(view))
        must = self._pressure.rows(view)
        return due_first(view, score, must, lambda rest, _: fill(within(rest, quotas), score))
