"""Capacity prices of the forecast problem, looked up hour by hour."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.domain.servers import servers_needed
from planner.policies.ahead import PricesAhead
from planner.policies.carry_out import Pieces, carry_out
from planner.policies.deadlines import latest_start
from planner.policies.fill import EMPTY
from planner.policies.lookahead import lookahead
from planner.policies.lookahead_solve import foresee
from planner.policies.placing import Work, place
from planner.policies.pressure import Pressure
from planner.policies.price_table import PriceTable
from planner.policies.ranking import ranked
from planner.policies.running import Running

TIE = 1e-9  # relative; what costs the same later runs now


class DualPrice:
    """Serve what is cheaper now than it will be, capacity price included, in the best later period it may wait for.

    Every `every` periods the relaxation of the oracle's own problem over the next `horizon` periods, as far as known or
    forecast, gives every pool's server-seconds a price; in between the prices are looked up. Where more would run now
    than fits, what gives up least waits or goes elsewhere (largest regret first).
    Source: Lagrangian relaxation (Geoffrion 1974, doi:10.1007/BFb0120690); bid prices as in network revenue management.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(
        self,
        instance: Instance,
        seed: int = 0,
        *,
        every: int = 24,
        horizon: int = 72,
    ) -> None:
        if not 1 <= every <= horizon:
            raise ValueError(f"every={every}, horizon={horizon}: 1 <= every <= horizon is expected")
        self._static, self._seed, self._every, self._horizon = instance, seed, every, horizon
        self._pressure, self._prices = Pressure(instance), PricesAhead(instance)
        self._running = Running()
        self._table: PriceTable | None = None

    def decide(self, view: HourView) -> Decision:
        """What is best served now, each where it is cheapest or, where many want the same, gives up least."""
        table = self._table
        if table is None or view.period >= table.begin + self._every:
            table = self._table = self._priced(view)
        must = self._pressure.rows(view)
        decision = carry_out(view, self._now(view, table, must), None, ranked(view, view.unit_price), must)
        self._running.start(view, decision)
        return decision

    def _now(self, view: HourView, table: PriceTable, must: Bools) -> Pieces:
        """What goes now at the price of its servers' time; then what goes at none, on servers that are on anyway."""
        waiting, site = view.waiting, view.routes
        price, route = self._prices.table(view, 1)
        route = route[waiting.workload, waiting.origin]
        offers = Offers(
            view=view,
            route=route,
            now=table.from_now(view, price[waiting.workload, waiting.origin, :, 0], route),
            later=np.where(must, np.inf, table.later(view) * (1 + TIE)),
            rank=np.where(latest_start(waiting) <= view.period, 0, np.where(must, 1, 2)),
        )
        server = site.server_seconds[route] * view.server_price / view.server_capacity
        share: Floats = np.where(waiting.share_unit > 0, waiting.share_unit, waiting.left)
        first = offers.taken(share, view.free_server_seconds, server)
        if not view.server_price.any():
            return first
        left = np.asarray(share - np.bincount(first[0], first[2], len(share)), dtype=np.float64)
        row, route, share = offers.taken(left, _room_of_started(view, first), np.zeros_like(server))
        return np.append(first[0], row), np.append(first[1], route), np.append(first[2], share)

    def _priced(self, view: HourView) -> PriceTable:
        problem = lookahead(view, self._static, self._horizon).instance
        found = foresee(problem, self._running.held(view, problem.periods), view=view, whole=0, seed=self._seed)
        known, site, account = len(view.routes), view.routes, found.account
        request = account.request.price[:known] + found.capacity_price[site.pool] * site.server_seconds[:, None]
        moved = site.network_kwh[..., None] * account.network.price[site.region]
        fixed = site.violation_price[site.workload] * site.violation
        price = np.where(site.feasible[..., None], request + moved + fixed[..., None], np.inf)
        return PriceTable(view.period, price)


@dataclass(frozen=True, slots=True, eq=False)
class Offers:
    """Prices of a request: `now` (n,P) on the `route` (n,P) of each pool, and `later` (n,). Lower `rank` (n,) first."""

    view: HourView
    route: Ints
    now: Floats
    later: Floats
    rank: Ints

    def taken(self, share: Floats, room: Floats, server: Floats) -> Pieces:
        """Of a `share` (n,) of each row what goes into the `room` (P,) that is now, if `server` (n,P) is to be paid.

        Later is as if it were one more pool, and one that takes all.
        """
        row = np.flatnonzero(share > EMPTY)
        share, route, waiting = share[row], self.route[row], self.view.waiting
        every_pool = np.repeat(row[:, None], route.shape[1], axis=1)
        load = self.view.load(every_pool, route, np.broadcast_to(share[:, None], route.shape))
        price = np.column_stack([self.now[row] + server[row], self.later[row]])
        work = Work(
            load=np.column_stack([load, load.max(axis=1, initial=0.0)]),
            price=(price * (waiting.requests[row] * share)[:, None])[..., None],
            rank=self.rank[row],
            whole=waiting.share_unit[row] > 0,
            length=np.ones(len(row), dtype=np.int64),
        )
        piece, pool, _, part = place(work, np.append(room, np.inf)[:, None])
        now = np.flatnonzero(pool < len(room))
        piece, pool = piece[now], pool[now]
        return row[piece], route[piece, pool], part[now] * share[piece]


def _room_of_started(view: HourView, planned: Pieces) -> Floats:
    """(P,) server-seconds that are left of the servers which planned pieces, running jobs and (M5) keep on."""
    row, route, share = planned
    load = view.servers_available * view.server_capacity - view.free_server_seconds
    np.add.at(load, view.routes.pool[route], view.load(row, route, share))
    started = np.maximum(servers_needed(load, view.server_capacity), view.servers_kept)
    return np.asarray(np.maximum(started * view.server_capacity - load, 0.0))
