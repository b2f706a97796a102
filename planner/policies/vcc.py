"""Virtual capacity curves: each day's caps are planned ahead, flexible work moves under them into cleaner hours."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.ahead import PricesAhead
from planner.policies.alike import classes, kinds
from planner.policies.deadlines import latest_start
from planner.policies.due_first import due_first, within
from planner.policies.fill import fill
from planner.policies.placing import Work, place
from planner.policies.pressure import Pressure
from planner.policies.ranking import ranked


class Vcc:
    """Plan hourly caps of every pool at midnight (UTC); what can wait runs under them, first come first served.

    The plan puts the demand forecast of the day, and what waits, into pools and hours by forecast price: inflexible
    demand into its own hour, flexible demand up to its slack later. The cap of an hour is what was put there. Work due
    earlier comes first, which within a workload is first come, first served; what must run now is not capped. No room
    is reserved: a wide job that is not to be split may find every pool partly taken when it is due (jobs/batch-day).
    Source: Radovanovic et al., Carbon-Aware Computing for Datacenters, arXiv 2106.11750.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance) -> None:
        self._pressure, self._prices = Pressure(instance), PricesAhead(instance)
        self._slack = np.array([w.slack_periods for w in instance.workloads], dtype=np.int64)
        self._day = max(1, round(24 / instance.step_hours))
        self._curve: Floats = np.zeros((len(instance.pools), 0))
        self._from = 0

    def decide(self, view: HourView) -> Decision:
        """What must run, then the rest under the caps of the hour."""
        if view.period == 0 or view.time.hour == view.time.minute == 0:
            self._curve, self._from = self._planned(view), view.period
        servers = self._curve[:, view.period - self._from] / view.server_capacity
        score, must = ranked(view, view.unit_price), self._pressure.rows(view)
        return due_first(view, score, must, lambda rest, _: fill(within(rest, servers), score))

    def _planned(self, view: HourView) -> Floats:
        """(P,day) server-seconds of each pool and hour."""
        workload, origin, release, until, requests = self._demand(view)
        kind = kinds(view.routes, len(self._slack))[workload, origin]
        group = classes(requests, kind, release, until)
        of = group.first
        workload, origin, release, until = workload[of], origin[of], release[of], until[of]
        horizon = int(until.max(initial=self._day - 1)) + 1
        prices, route = self._prices.table(view, horizon)
        hours = np.arange(horizon)
        open_hours = (hours >= release[:, None]) & (hours <= until[:, None])
        load = group.sizes[:, None] * view.routes.server_seconds[route[workload, origin]]
        price = prices[workload, origin] * group.sizes[:, None, None]
        room = np.repeat((view.servers_available * view.server_capacity)[:, None], horizon, axis=1)
        once = np.ones(len(load), dtype=np.int64)
        flexible = (until > release).astype(np.int64)
        work = Work(load, np.where(open_hours[:, None], price, np.inf), flexible, once < 1, once)
        piece, pool, hour, share = place(work, room)
        curve = np.zeros(room.shape)
        np.add.at(curve, (pool, hour), load[piece, pool] * share)
        return curve[:, : self._day]

    def _demand(self, view: HourView) -> tuple[Ints, Ints, Ints, Ints, Floats]:
        """Workload, origin, first and last hour from now, and requests: of what waits and what is forecast."""
        if view.demand_forecast is None:
            raise PolicyError("vcc needs a forecast")
        waiting, ahead = view.waiting, view.demand_forecast(self._day)
        workload, origin, hour = np.nonzero(ahead > 0)
        later = hour > 0
        workload, origin, hour = workload[later], origin[later], hour[later]
        wait = np.maximum(latest_start(waiting) - view.period, 0)
        return (
            np.concatenate([waiting.workload, workload]),
            np.concatenate([waiting.origin, origin]),
            np.concatenate([np.zeros_like(wait), hour]),
            np.concatenate([wait, hour + self._slack[workload]]),
            np.concatenate([waiting.requests * waiting.left, ahead[workload, origin, hour]]),
        )
