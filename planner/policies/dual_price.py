"""Capacity prices of the forecast problem, looked up hour by hour."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from planner.domain.instance import Bools, Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.ahead import PricesAhead
from planner.policies.carry_out import Pieces, carry_out
from planner.policies.deadlines import latest_start
from planner.policies.lookahead import lookahead
from planner.policies.lookahead_solve import foresee
from planner.policies.placing import Work, place
from planner.policies.pressure import Pressure
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
        later = np.where(must, np.inf, table.best_later(view) * (1 + TIE))
        decision = carry_out(view, self._now(view, later, must), None, ranked(view, view.unit_price), must)
        self._running.start(view, decision)
        return decision

    def _now(self, view: HourView, later: Floats, must: Bools) -> Pieces:
        """Work placed on pools or, as if that were one more pool, later."""
        waiting, site = view.waiting, view.routes
        prices, routes = self._prices.table(view, 1)
        route = routes[waiting.workload, waiting.origin]
        share = np.where(waiting.share_unit > 0, waiting.share_unit, waiting.left)
        row = np.repeat(np.arange(len(waiting))[:, None], route.shape[1], axis=1)
        load = view.load(row, route, np.broadcast_to(share[:, None], route.shape))
        server = site.server_seconds[route] * view.server_price / view.server_capacity
        price = np.column_stack([prices[waiting.workload, waiting.origin, :, 0] + server, later])
        work = Work(
            load=np.column_stack([load, load.max(axis=1, initial=0.0)]),
            price=np.asarray(price * (waiting.requests * share)[:, None], dtype=np.float64)[..., None],
            rank=np.where(latest_start(waiting) <= view.period, 0, np.where(must, 1, 2)),
            whole=waiting.share_unit > 0,
            length=np.ones(len(waiting), dtype=np.int64),
        )
        piece, pool, _, part = place(work, np.append(view.free_server_seconds, np.inf)[:, None])
        now = pool < len(view.pool_names)
        piece, pool, part = piece[now], pool[now], part[now]
        return piece, route[piece, pool], part * share[piece]

    def _priced(self, view: HourView) -> "PriceTable":
        problem = lookahead(view, self._static, self._horizon).instance
        found = foresee(problem, self._running.held(view, problem.periods), view=view, whole=0, seed=self._seed)
        known, site, account = len(view.routes), view.routes, found.account
        request = account.request.price[:known] + found.capacity_price[site.pool] * site.server_seconds[:, None]
        return PriceTable(view.period, request, account.network.price[site.region], found.capacity_price)


@dataclass(frozen=True, slots=True, eq=False)
class PriceTable:
    """Prices from period `begin` on: `request` (K,H) of serving one, capacity included, `network` (K,H) of a kWh moved,
    `capacity` (P,H) of a server-second."""

    begin: int
    request: Floats
    network: Floats
    capacity: Floats

    def best_later(self, view: HourView) -> Floats:
        """(n,) the least price each waiting row finds from the next period to its latest start, or the table's end."""
        waiting, first = view.waiting, view.period - self.begin
        last = np.minimum(latest_start(waiting) - self.begin, self.request.shape[1] - 1)
        best = np.stack([self._best_later(view, w, first) for w in range(len(view.workload_names))])
        later = best[waiting.workload, waiting.origin, np.maximum(last - first, 0)]
        return np.asarray(later)

    def _best_later(self, view: HourView, workload: int, first: int) -> Floats:
        """(O, H-first) the least price of a request from the next period up to each one; the present's is infinite."""
        site = view.routes
        mine = np.flatnonzero(site.workload == workload)
        fixed = site.violation_price[workload] * site.violation[:, mine]
        moved = site.network_kwh[:, mine, None] * self.network[mine, first:]
        price = np.where(site.feasible[:, mine, None], self.request[mine, first:] + moved + fixed[..., None], np.inf)
        least = price.min(axis=1, initial=np.inf)
        least[:, 0] = np.inf
        return np.minimum.accumulate(least, axis=1)
