"""The more important its work, the dirtier an hour may be."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.deadlines import latest_start
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked
from planner.policies.reach import highest, last_rank, lowest, reachable

HOURS = 48


def limit(importance: Floats, low: Floats, high: Floats, gamma: float) -> Floats:
    """Psi(r) = B + (U-B)(exp(gamma r)-1)/(exp(gamma)-1), B = gamma L + (1-gamma) U: the dirtiest hour to run in."""
    if gamma == 0:
        return np.broadcast_to(high, np.shape(importance)).astype(np.float64)  # B = U
    base = gamma * low + (1 - gamma) * high
    return np.asarray(base + (high - base) * np.expm1(gamma * importance) / np.expm1(gamma))


class Pcaps:
    """Run a class of work where CI <= Psi(r), by its importance r, cleanest region first; or when nothing else runs.

    r = min(1, hours of permitted capacity that the backlog of the class (workload and origin) needs / hours to its
    earliest deadline); L, U are the least and most forecast carbon intensity of its permitted regions in the next 48
    hours; see `limit` for Psi. gamma in [0, 1]: 0 is carbon-agnostic. When nothing else runs, the most important batch
    does, the earliest deadline first among equals.
    Source: Lechowicz et al., Carbon- and Precedence-Aware Scheduling (PCAPS), arXiv 2502.09717.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, gamma: float = 0.5) -> None:
        if not 0 <= gamma <= 1:
            raise ValueError(f"gamma={gamma:g}: a number in [0, 1] is expected")
        self._pressure, self._gamma = Pressure(instance), gamma

    def decide(self, view: HourView) -> Decision:
        """What must run, what its importance lets run, and the most important batch if that is nothing."""
        if view.forecast is None:
            raise PolicyError("pcaps needs a forecast")
        reach, waiting = reachable(view), view.waiting
        ahead = view.forecast(max(1, round(HOURS / view.step_hours)))
        at = (waiting.workload, waiting.origin)
        low, high = lowest(reach, ahead.min(axis=1))[at], highest(reach, ahead.max(axis=1))[at]
        importance = _importance(view, self._pressure)
        psi = limit(importance, low, high, self._gamma)
        free = self._pressure.rows(view)
        clean = lowest(reach, view.carbon_intensity[:, -1])[at] <= psi
        if len(waiting) and not (free | clean).any() and not _busy(view):
            free[importance.argmax()] = True  # rows stand in order of deadline
        return fill(view, ranked(view, now(view)), limit=np.where(free, np.inf, last_rank(view, psi)))


def _importance(view: HourView, pressure: Pressure) -> Floats:
    """(n,) r of the class of each row."""
    waiting, pools = view.waiting, pressure.pools
    at = (waiting.workload, waiting.origin)
    backlog, periods = np.zeros(pools.shape[:2]), np.full(pools.shape[:2], np.inf)
    np.add.at(backlog, at, pressure.needed(waiting))
    np.minimum.at(periods, at, np.maximum(latest_start(waiting) - view.period, 0) + 1.0)
    offered = np.where(pools, view.servers_available * view.server_capacity, 0.0).sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        importance = np.minimum(1.0, backlog / offered / periods)
    return np.asarray(np.where(offered > 0, importance, 1.0)[at])


def _busy(view: HourView) -> bool:
    """Whether a job that was started before still runs."""
    limited = np.isfinite(view.servers_available)
    offered = view.servers_available[limited] * view.server_capacity[limited]
    return bool((view.free_server_seconds[limited] < offered).any())
