"""Largest regret first."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime, Waiting
from planner.policies.ahead import PricesAhead
from planner.policies.carry_out import carry_out
from planner.policies.deadlines import latest_start
from planner.policies.placing import CRUMB, Work, place
from planner.policies.pressure import Pressure
from planner.policies.ranking import ranked
from planner.policies.running import Running


class Regret:
    """Place what waits into pools and hours up to its deadline, largest regret first, and serve what falls on now.

    Regret is the price of the second-best place minus that of the best, per server-second, by the forecast of `horizon`
    hours; it is looked at again as places fill up. A later hour offers what pools have now; what must run comes first.
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
        waiting, must = view.waiting, self._pressure.rows(view)
        wait = np.maximum(latest_start(waiting) - view.period, 0)
        last = np.where(must, 0, np.minimum(wait, self._periods - 1))
        length = np.where(waiting.contiguous, waiting.length, 1)
        prices, route = self._prices.table(view, int(np.max(last + length, initial=1)))
        mine = route[waiting.workload, waiting.origin]
        share = np.where(waiting.share_unit > 0, waiting.share_unit, waiting.left)
        price = _of_rows(waiting, prices, last, length) * (waiting.requests * share)[:, None, None]
        rank = np.where(wait == 0, 0, np.where(must, 1, 2))
        row = np.repeat(np.arange(len(waiting))[:, None], mine.shape[1], axis=1)
        load = view.load(row, mine, np.broadcast_to(share[:, None], mine.shape))
        offered = (view.servers_available * view.server_capacity)[:, None]
        room = np.maximum(offered - self._running.held(view, price.shape[2]), 0.0)
        piece, pool, part = _now(Work(load, price, rank, waiting.share_unit > 0, length), room)
        planned = (piece, mine[piece, pool], part * share[piece])
        decision = carry_out(view, planned, None, ranked(view, view.unit_price), must)
        self._running.start(view, decision)
        return decision


def _now(work: Work, room: Floats) -> tuple[Ints, Ints, Floats]:
    """What the plan says of this hour; work for which no place is left goes before what can go elsewhere."""
    piece, pool, hour, part = place(work, room)
    lacking = np.bincount(piece, part, len(work.rank)) < 1 - 2 * CRUMB
    if (lacking & (work.rank > 1)).any():
        rank = np.where(lacking, np.minimum(work.rank, 1), work.rank)
        piece, pool, hour, part = place(replace(work, rank=rank), room)
    return piece[hour == 0], pool[hour == 0], part[hour == 0]


def _of_rows(waiting: Waiting, prices: Floats, last: Ints, length: Ints) -> Floats:
    """(n,P,H) the mean price of each row's requests over its length, by the hour it starts in, until its `last`."""
    starts = np.arange(prices.shape[3])
    if (length == 1).all():
        return np.where((starts <= last[:, None])[:, None], prices[waiting.workload, waiting.origin], np.inf)
    ends = np.minimum(starts + length[:, None], prices.shape[3])
    total = np.where(np.isfinite(prices), prices, 0.0).cumsum(axis=3)
    total = np.concatenate([np.zeros_like(total[..., :1]), total], axis=3)[waiting.workload, waiting.origin]
    mean = (np.take_along_axis(total, ends[:, None], axis=2) - total[..., starts]) / length[:, None, None]
    possible = np.isfinite(prices[waiting.workload, waiting.origin, :, :1]) & (starts <= last[:, None])[:, None]
    return np.where(possible, mean, np.inf)
