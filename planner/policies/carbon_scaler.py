"""Scale up in clean hours and down in dirty ones."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import routes
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.starts import route_kwh
from planner.policies.wait_awhile import cleanest_hours, worst_needed

INSTANT = 1e-12  # server-seconds of a request that takes none


class CarbonScaler:
    """Servers of the hours before the deadline are taken in order of work per carbon until a batch fits.

    An hour's servers are those of its pools, each at its own work per energy; a later hour is expected to offer what
    this one does. As published every batch plans as if it were alone. Only batches that can be split scale; jobs take
    their cleanest hours or window. Decided anew every hour on the newest forecast.
    Source: Hanafy et al., CarbonScaler, POMACS 2023 (doi:10.1145/3626788, arXiv 2302.08681).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance) -> None:
        self._kwh, self._pressure, self._profile = route_kwh(instance), Pressure(instance), _Profile(instance)

    def decide(self, view: HourView) -> Decision:
        """Serve this hour's part of every batch's plan."""
        starts = cleanest_hours(view, self._kwh)
        most, scaling = np.zeros(len(view.waiting)), np.flatnonzero(view.waiting.share_unit == 0)
        limit = most.copy() if len(scaling) == len(most) else worst_needed(view, starts)
        limit[scaling], most[scaling] = self._profile.greedy(view, scaling)
        crowded = len(view.waiting) > 1  # a batch alone minds capacity by its own plan
        must = self._pressure.shares(view) * view.waiting.left * crowded
        limit, most = np.where(must > 0, np.inf, limit), np.maximum(must, most)
        return fill(view, starts.now, kind=starts.kind, limit=limit, most=most)


class _Profile:
    """The best route of every pool (P,L): kWh (0 where there is none) and seconds a request.

    `_line` (W,O) tells which of L lines, all different, holds for a workload and origin.
    """

    def __init__(self, instance: Instance) -> None:
        site, kwh = routes(instance), route_kwh(instance)
        shape = (len(instance.workloads), len(instance.origins), len(instance.pools))
        least, seconds = np.full(shape, np.inf), np.ones(shape)
        for k, (workload, pool) in enumerate(zip(site.workload, site.pool, strict=True)):
            better = site.feasible[:, k] & (kwh[:, k] < least[workload, :, pool])
            least[workload, better, pool] = kwh[better, k]
            seconds[workload, better, pool] = max(site.server_seconds[k], INSTANT)
        both = np.concatenate([least, seconds], axis=2).reshape(-1, 2 * shape[2])
        lines, line = np.unique(both, axis=0, return_inverse=True)
        self._kwh, self._seconds = np.split(lines.T.copy(), 2)
        self._line: Ints = line.reshape(shape[:2])
        self._usable = np.isfinite(self._kwh)
        self._kwh = np.where(self._usable, self._kwh, 0.0)
        self._region = instance.pool_region

    def greedy(self, view: HourView, rows: Ints) -> tuple[Floats, Floats]:
        """Plan each row alone: grams a request of its last increment in this hour, and the share of it that falls here.

        A pool is given what is left of a row when all cleaner pools and hours until its deadline are full.
        """
        waiting = view.waiting
        line = self._line[waiting.workload[rows], waiting.origin[rows]]
        ahead = np.maximum(waiting.deadline[rows] - view.period, 0)
        grams, size = self._increments(view, int(ahead.max(initial=0)) + 1)
        now, offered = grams[..., 0], size[..., 0]
        later = np.where(grams[:, None, :, 1:] < now[..., None], size[:, None, :, 1:], 0.0).sum(axis=0).cumsum(axis=2)
        cleaner = np.concatenate([np.zeros_like(now)[..., None], later], axis=2) + _before(now, offered)[..., None]
        left = waiting.requests[rows] * waiting.left[rows] - cleaner[:, line, ahead]
        taken = np.clip(left, 0.0, offered[:, line])
        last = np.where(taken > 0, now[:, line], 0.0).max(axis=0, initial=0.0)
        return last, taken.sum(axis=0) / waiting.requests[rows]

    def _increments(self, view: HourView, periods: int) -> tuple[Floats, Floats]:
        """(P,L,H) grams a request, and requests that fit, of each pool and hour ahead."""
        if view.forecast is None:
            raise PolicyError("needs a forecast")
        ahead = view.forecast(periods)[self._region]
        grams = np.where(self._usable[..., None], self._kwh[..., None] * ahead[:, None], np.inf)
        size = np.repeat((view.servers_available * view.server_capacity)[:, None], periods, axis=1)
        size[:, 0] = view.free_server_seconds
        return grams, np.where(self._usable[..., None], size[:, None] / self._seconds[..., None], 0.0)


def _before(grams: Floats, size: Floats) -> Floats:
    """(P,L) how much the pools take that are cleaner than each one, or come first where they are alike."""
    order = np.argsort(grams, axis=0, kind="stable")
    ranked = np.take_along_axis(size, order, axis=0)
    before = np.zeros_like(size)
    np.put_along_axis(before, order, np.pad(ranked.cumsum(axis=0), ((1, 0), (0, 0)))[:-1], axis=0)
    return before
