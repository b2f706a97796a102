"""An integer programme for every hour."""

from typing import Any, ClassVar

import numpy as np

from planner.domain.instance import Floats
from planner.domain.protocols import Decision, HourView, Regime
from planner.domain.results import FEASIBILITY
from planner.policies.alike import kinds
from planner.policies.fill import EMPTY, fill
from planner.policies.ranking import ranked

TOLERANCE = 1e-6  # of a server; the solver's own is 1e-7
SCALE = 1e4  # of the objective, so that the solver's absolute gap of 1e-6 is none


class Casper:
    """Place the hour's requests by an integer programme: least objective, whole servers, fleet limit, SLO.

    min sum of price x + servers' price y + start-ups, with x <= y capacity, y <= N, sum of y <= K, on feasible routes
    (RTT <= L, and the rest of the SLO); as published the price is the carbon intensity and servers cost nothing.
    Everything is served at once. Published with a forecast of the hour's demand, which here is known when it starts.
    Where not everything fits, batches go by price, due ones first.
    Source: Souza et al., CASPER, IGSC 2023 (arXiv 2403.14792).
    """

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        """The programme's answer; where it needs no solver, the cheapest routes."""
        cheapest = fill(view, ranked(view, view.unit_price))
        servers_cost = view.server_price.any() or view.startup_price.any()
        if not len(view.waiting) or (not servers_cost and _nothing_gives_way(view, cheapest)):
            return cheapest
        return _Programme(view).solved() or cheapest


def _nothing_gives_way(view: HourView, decision: Decision) -> bool:
    """Whether all is served, each batch on the cheapest of its routes."""
    waiting, site, row = view.waiting, view.routes, decision.row
    wanted = np.where(waiting.share_unit == 0, waiting.left, waiting.share_unit)
    if decision.share.sum() < wanted.sum() - EMPTY:
        return False
    own = site.feasible[waiting.origin[row]] & (site.workload == waiting.workload[row, None])
    price = view.unit_price[waiting.origin[row]]
    least = np.where(own, price, np.inf).min(axis=1, initial=np.inf)
    return bool(np.all(price[np.arange(len(row)), decision.route] <= least))


class _Programme:
    """Columns: shares x of items on routes, then servers y and start-ups u of pools. Loads are counted in servers.

    An item is all that can be split and has the same routes at the same prices, or one batch that cannot be split.
    """

    def __init__(self, view: HourView) -> None:
        self._view, waiting, site = view, view.waiting, view.routes
        split = waiting.share_unit == 0
        kind = kinds(site, len(view.workload_names))[waiting.workload, waiting.origin]
        kind = np.where(split, kind, -1 - np.arange(len(split)))
        _, first, self._item = np.unique(kind, return_index=True, return_inverse=True)
        self._wanted = np.where(split, waiting.left, waiting.share_unit)
        workload, origin = waiting.workload[first], waiting.origin[first]
        self._of, self._route = np.nonzero(site.feasible[origin] & (site.workload == workload[:, None]))
        self._pool, self._whole = site.pool[self._route], ~split[first][self._of]
        requests = waiting.requests * self._wanted / np.where(waiting.contiguous, waiting.length, 1)
        size = np.bincount(self._item, requests)[self._of]
        self._price = size * view.unit_price[origin[self._of], self._route]
        self._load = size * site.server_seconds[self._route] / view.server_capacity[self._pool]
        limited = np.isfinite(view.servers_available)
        free = view.free_server_seconds[limited] / view.server_capacity[limited]
        self._held = np.zeros(len(limited))  # servers that running jobs take
        self._held[limited] = view.servers_available[limited] - free

    def solved(self) -> Decision | None:
        """The optimal decision, None where not everything fits."""
        from scipy.optimize import Bounds, milp

        view, shares, pools = self._view, np.ones(len(self._of)), np.ones(len(self._held))
        price = np.concatenate([self._price, np.maximum(view.server_price, 0), np.maximum(view.startup_price, 0)])
        scale = SCALE / (np.abs(price).sum() or 1.0)
        least = np.concatenate([0 * shares, np.minimum(view.servers_kept, view.servers_available), 0 * pools])
        most = np.concatenate([shares, view.servers_available, np.inf * pools])
        whole = np.concatenate([self._whole, np.isfinite(view.servers_available), 0 * pools])
        found = milp(
            price * scale,
            constraints=self._constraints(),
            bounds=Bounds(least, most),
            integrality=whole,
            options={"mip_rel_gap": 0.0},
        )
        return None if found.x is None else self._decision(found.x[: len(shares)])

    def _constraints(self) -> Any:
        """(M1), (M2), (M4) and (M3b), in this order of rows."""
        from scipy.optimize import LinearConstraint
        from scipy.sparse import coo_array

        view, x, items = self._view, np.arange(len(self._of)), int(self._item.max()) + 1
        pool, one = np.arange(len(self._held)), np.ones(len(self._held))
        y, capacity, start, fleet = len(x) + pool, items + pool, items + len(pool) + pool, items + 2 * len(pool)
        row = np.concatenate([self._of, items + self._pool, capacity, start, start, np.full(len(pool), fleet)])
        column = np.concatenate([x, x, y, y, y + len(pool), y])
        value = np.concatenate([np.ones(len(x)), self._load, -one, one, -one, one])
        most = np.concatenate([np.ones(items), -self._held, view.servers_before, [view.fleet_limit]])
        least = np.where(np.arange(fleet + 1) < items, 1.0, -np.inf)
        return LinearConstraint(coo_array((value, (row, column))).tocsr(), least, most)

    def _decision(self, x: Floats) -> Decision:
        """Every batch of an item is served in the item's shares, by the fewest servers."""
        x = np.where(self._whole, np.rint(x), np.where(x > EMPTY, x, 0.0))
        x /= np.bincount(self._of, x)[self._of]
        used = np.flatnonzero(x)
        row, at = np.nonzero(self._item[:, None] == self._of[used])
        chosen = used[at]
        load = self._held + np.bincount(self._pool, x * self._load, len(self._held))
        servers = np.maximum(self._view.servers_kept, np.ceil(load - TOLERANCE))
        servers = np.maximum(servers, load * self._view.server_capacity > FEASIBILITY)
        available = self._view.servers_available
        asked = servers if np.all(np.isfinite(available) & (servers <= available)) else None
        return Decision(row, self._route[chosen], self._wanted[row] * x[chosen], asked)
