"""Largest regret first."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.ahead import PricesAhead
from planner.policies.alike import classes, kinds
from planner.policies.carry_out import Pieces, carry_out
from planner.policies.deadlines import latest_start
from planner.policies.placing import CRUMB, Work, place
from planner.policies.pressure import Pressure
from planner.policies.ranking import ranked
from planner.policies.running import Running


class Regret:
    """Place what waits into pools and hours up to its deadline, largest regret first, and serve what falls on now.

    Regret is the price of the second-best place minus that of the best, per server-second, by the forecast of `horizon`
    hours; it is looked at again as places fill up. A later hour offers what pools have now; what must run comes first.
    Nothing is moved once placed, and no room is reserved for jobs that start later: a wide job may find every pool
    partly taken when it is due (jobs/batch-day). Batches with the same routes, prices and deadline are placed as one.
    Source: regret heuristic of Martello and Toth for the generalised assignment problem (Knapsack Problems, 1990, 7.4).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, horizon: int = 24) -> None:
        if horizon < 1:
            raise ValueError(f"horizon={horizon}: at least an hour is expected")
        self._pressure, self._prices, self._running = Pressure(instance), PricesAhead(instance), Running()
        self._periods = max(1, round(horizon / instance.step_hours))

    def decide(self, view: HourView) -> Decision:
        """The part of the plan that is for now, then what else is due."""
        must = self._pressure.rows(view)
        decision = carry_out(view, self._planned(view, must), None, ranked(view, view.unit_price), must)
        self._running.start(view, decision)
        return decision

    def _planned(self, view: HourView, must: Bools) -> Pieces:
        """What the plan says of this hour."""
        waiting, site = view.waiting, view.routes
        wait = np.maximum(latest_start(waiting) - view.period, 0)
        last = np.where(must, 0, np.minimum(wait, self._periods - 1))
        rank = np.where(wait == 0, 0, np.where(must, 1, 2))
        whole = waiting.share_unit > 0
        share: Floats = np.where(whole, waiting.share_unit, waiting.left)
        kind = kinds(site, len(view.workload_names))[waiting.workload, waiting.origin]
        alone = np.where(whole, 1 + np.arange(len(whole)), 0)
        group = classes(np.asarray(waiting.requests * share), alone, kind, last, rank)
        of = group.first
        length = np.where(waiting.contiguous[of], waiting.length[of], 1)
        prices, route = self._prices.table(view, int(np.max(last[of] + length, initial=1)))
        line = waiting.workload[of], waiting.origin[of]
        load = (group.sizes / length)[:, None] * site.server_seconds[route[line]]
        price = group.sizes[:, None, None] * _over_length(prices[line], last[of], length)
        offered = (view.servers_available * view.server_capacity)[:, None]
        room = np.maximum(offered - self._running.held(view, price.shape[2]), 0.0)
        piece, pool, part = _now(Work(load, price, rank[of], whole[of], length), room)
        row, at, taken = group.rows(piece, part)
        return row, route[waiting.workload[row], waiting.origin[row], pool[at]], taken * share[row]


def _now(work: Work, room: Floats) -> tuple[Ints, Ints, Floats]:
    """What the plan says of this hour; work for which no place is left goes before what can go elsewhere."""
    piece, pool, hour, part = place(work, room)
    lacking = np.bincount(piece, part, len(work.rank)) < 1 - 2 * CRUMB
    if (lacking & (work.rank > 1)).any():
        rank = np.where(lacking, np.minimum(work.rank, 1), work.rank)
        piece, pool, hour, part = place(replace(work, rank=rank), room)
    return piece[hour == 0], pool[hour == 0], part[hour == 0]


def _over_length(prices: Floats, last: Ints, length: Ints) -> Floats:
    """(n,P,H) the mean of prices (n,P,H) over each row's length, by the hour it starts in, until its `last`."""
    starts = np.arange(prices.shape[2])
    possible = np.isfinite(prices[:, :, :1]) & (starts <= last[:, None])[:, None]
    if (length == 1).all():
        return np.where(possible, prices, np.inf)
    ends = np.minimum(starts + length[:, None], prices.shape[2])
    total = np.where(np.isfinite(prices), prices, 0.0).cumsum(axis=2)
    total = np.concatenate([np.zeros_like(total[..., :1]), total], axis=2)
    mean = (np.take_along_axis(total, ends[:, None], axis=2) - total[..., starts]) / length[:, None, None]
    return np.where(possible, mean, np.inf)
