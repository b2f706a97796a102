"""A weighted score of edge nodes, task by task."""

from types import MappingProxyType
from typing import ClassVar

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.deadlines import order_of_service
from planner.policies.lacking import lacking
from planner.policies.menus import leanest
from planner.policies.pieces import Pieces
from planner.policies.ranking import now, rtt

# Weights of free resources, low load, speed, balance and carbon.
MODES = MappingProxyType(
    {
        "performance": (0.25, 0.25, 0.30, 0.15, 0.05),
        "balanced": (0.20, 0.20, 0.15, 0.15, 0.30),
        "green": (0.15, 0.15, 0.10, 0.10, 0.50),
    }
)
J_PER_PRINTED_KWH, J_PER_KWH = 3.6e3, 3.6e6  # the paper divides W x ms by 3.6e6, as if that were kWh
SKIPPED = 10.0  # more than any score


class CarbonEdge:
    """Serve each batch at once on the pool of highest score of free resources, low load, speed, balance and carbon.

    The score is wR SR + wL (1 - load) + wP / (1 + s) + wB / (1 + 2 tasks) + wC / (1 + CI E), on the loads that the
    batches before left: SR the free share of servers, tasks the mean number in service, s the mean response time, E the
    energy as printed. Pools loaded above `max_load` or too slow for the SLO come last. `normalised` takes E in kWh and
    scales each term to [0, 1]: over the pools, or from all of the hour's work on the pool to none. `w_carbon` replaces
    wC; the others share the rest as before. Modes are green, balanced and performance.
    Source: Zhang et al., CarbonEdge (arXiv 2603.27420).
    """

    regime: ClassVar[Regime] = "none"

    def __init__(
        self, mode: str = "green", w_carbon: float | None = None, max_load: float = 0.8, *, normalised: bool = False
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"mode={mode}: one of {', '.join(MODES)} is expected")
        if w_carbon is not None and not 0 <= w_carbon <= 1:
            raise ValueError(f"w_carbon={w_carbon:g}: a number in [0, 1] is expected")
        self._weights = np.array(MODES[mode])
        if w_carbon is not None:
            others = self._weights[:4]
            self._weights = np.append(others * (1 - w_carbon) / others.sum(), w_carbon)
        self._rest, self._balance = float(self._weights[:2].sum()), float(self._weights[3])
        self._max_load, self._normalised = max_load, normalised

    def decide(self, view: HourView) -> Decision:
        """Every waiting batch in turn; where they do not all fit, on the leanest variants if more does then."""
        decision, lean = self._placed(view, view.routes.feasible), leanest(view.routes)
        everything = np.ones(len(view.waiting), dtype=np.bool_)
        if lean[view.routes.feasible].all() or not lacking(view, decision, everything):
            return decision
        other = self._placed(view, lean)
        return min(decision, other, key=lambda found: lacking(view, found, everything))

    def _placed(self, view: HourView, open_to: Bools) -> Decision:
        """Every batch on the routes (O,K) that are open to it."""
        waiting, pieces, pools = view.waiting, Pieces(view, view.waiting.left), _Pools(view)
        menus = [self._menu(view, workload, open_to) for workload in range(len(view.workload_names))]
        choices = np.stack([possible.sum(axis=1) for *_, possible in menus])[waiting.workload, waiting.origin]
        live = np.array([self._live(pools, p, 0.0) for p in range(len(view.pool_names))])
        for row in order_of_service(waiting, view.period, choices).tolist():
            route, pool, fixed, _ = menus[waiting.workload[row]]
            best = (-fixed[waiting.origin[row]] - live[pool]).argsort(kind="stable")[: choices[row]]
            for p in pieces.place(row, route[best].tolist()):
                live[p] = self._live(pools, p, float(pieces.room.taken[p]))
        return pieces.decision()

    def _live(self, pools: "_Pools", p: int, taken: float) -> float:
        """The terms of a pool that change with every batch."""
        busy = pools.held[p] + taken
        load, tasks = busy / pools.offered[p], busy / pools.seconds
        skipped = SKIPPED * (load > self._max_load)
        if not self._normalised:
            return self._rest * (1 - load) + self._balance / (1 + 2 * tasks) - skipped
        most = 2 * pools.most[p] / pools.seconds
        least = 1 / (1 + most)
        spread = (1 / (1 + 2 * tasks) - least) / (1 - least)
        return self._rest * (1 - busy / pools.most[p]) + self._balance * spread - skipped

    def _menu(self, view: HourView, workload: int, open_to: Bools) -> tuple[Ints, Ints, Floats, Bools]:
        """A workload's routes and their pools (k,), the terms of the whole hour and what is feasible (O,k)."""
        site = view.routes
        route = np.flatnonzero(site.workload == workload)
        open_to = open_to[:, route]
        ms = (rtt(view) + view.service_ms)[:, route]
        kwh = site.energy_j[route] / (J_PER_KWH if self._normalised else J_PER_PRINTED_KWH)
        speed = self._scaled(1 / (1 + ms / 1e3), open_to)
        carbon = self._scaled(1 / (1 + now(view)[route] * kwh), open_to)
        fixed = self._weights[2] * speed + self._weights[4] * carbon - SKIPPED * (ms > view.slo_ms[workload])
        return route, site.pool[route], np.where(open_to, fixed, -np.inf), open_to

    def _scaled(self, term: Floats, open_to: Bools) -> Floats:
        """(O,k) to [0, 1] over the feasible routes; all 1 where the term does not tell them apart."""
        if not self._normalised:
            return term
        least = np.where(open_to, term, np.inf).min(axis=1, keepdims=True, initial=np.inf)
        span = np.where(open_to, term, -np.inf).max(axis=1, keepdims=True, initial=-np.inf) - least
        apart = np.isfinite(span) & (span > 0)
        return np.where(apart & open_to, (term - np.where(apart, least, 0.0)) / np.where(apart, span, 1.0), 1.0)


class _Pools:
    """Server-seconds that pools offer, that running jobs hold, and that they would carry with all work on them.

    Lists, as plain numbers are looked up one by one.
    """

    offered: list[float]
    held: list[float]
    most: list[float]

    def __init__(self, view: HourView) -> None:
        waiting, site = view.waiting, view.routes
        offered = np.maximum(view.servers_available * view.server_capacity, 1.0)
        held = np.zeros(len(offered))
        limited = np.isfinite(offered)
        held[limited] = np.maximum(offered[limited] - view.free_server_seconds[limited], 0.0)
        requests = waiting.requests * waiting.left / np.where(waiting.contiguous, waiting.length, 1)
        work = np.bincount(waiting.workload, requests, len(view.workload_names))
        most = held + np.bincount(site.pool, work[site.workload] * site.server_seconds, len(held))
        self.seconds = 3600 * view.step_hours
        self.offered, self.held, self.most = offered.tolist(), held.tolist(), np.maximum(most, 1e-6).tolist()
