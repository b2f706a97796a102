"""Which region and hour an invocation gets: the hourly replay of a policy, stepped live, read per invocation.

The decisions are those of `planner replay` on the experiment's instance: they depend on what the instance knows up to
an hour, not on when or in which order invocations arrive.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

import numpy as np

from planner.data.faas import FUNCTIONS
from planner.domain.instance import Instance
from planner.domain.options import routes
from planner.domain.protocols import HourView
from planner.errors import PlannerError, UsageError
from planner.protocol.dispatcher.shares import Group
from planner.protocol.trace import HOUR, hourly
from planner.replay.loop import Replay, Step


@dataclass(frozen=True, slots=True)
class Choice:
    """Run in `region` from the hour `at` on; or, where `region` is None, ask again at `at`. `reason` is for the log."""

    region: str | None
    at: datetime
    reason: Mapping[str, Any]


class Decider:
    """Steps a policy (spec) through the experiment's instance and tells every invocation its share of the decisions.

    A policy that fails decides nothing more: what waits and what comes then runs at once where the grid is cleanest,
    and `failure` says why. UsageError: the instance is not one of single invocations from one origin, hour by hour.
    """

    def __init__(self, instance: Instance, policy: str, *, forecast: str = "persistence", seed: int = 0) -> None:
        _require_invocations(instance)
        self.instance, self.policy, self.forecast = instance, policy, forecast
        self.functions = tuple(work.name for work in instance.workloads)
        self.failure: str | None = None
        self._replay = Replay(instance, policy, forecast=forecast, seed=seed)
        self._foresees = bool(self._replay.forecasters)
        self._reach = _reach(instance)
        self._groups: dict[tuple[int, int], Group] = {}
        self._cleanest_found: dict[tuple[int, int], int] = {}
        self._outlook: dict[int, list[float]] = {}
        self._stepped = 0
        self._lock = Lock()

    def covers(self, hour: datetime) -> bool:
        """Whether a trace hour lies in the experiment."""
        since = hour - self.instance.start
        return since % HOUR == timedelta(0) and 0 <= since // HOUR < self.instance.periods

    def period(self, now: datetime) -> int:
        """The period of a moment; the first before, the last after the experiment."""
        return min(max((now - self.instance.start) // HOUR, 0), self.instance.periods - 1)

    def behind(self, now: datetime) -> bool:
        """Whether the hour of a moment is not decided yet."""
        return self._stepped <= self.period(now)

    def advance(self, now: datetime) -> None:
        """Decide every hour up to that of a moment; from any thread."""
        with self._lock:
            while self._stepped <= self.period(now):
                if self.failure is None:
                    self._step(self._stepped)
                self._stepped += 1

    def choose(
        self, function: str, trace_hour: datetime, event_id: str, *, deadline: datetime, now: datetime
    ) -> Choice:
        """What becomes of an invocation as of now. It never waits beyond its deadline."""
        self.advance(now)
        work, release, period = self.functions.index(function), self.period(trace_hour), self.period(now)
        if release > period:
            return Choice(None, trace_hour, self._reason(work, release, period, why="its hour has not begun"))
        group = self._groups.get((work, release))
        part = None if group is None else group.part(_position(event_id, function, trace_hour, group.requests), period)
        if part is not None:
            why = "decided by the policy" if part.by_policy else "left to its last hour by the policy"
            return self._run(work, release, part.period, part.region, why)
        following = self.instance.time(period + 1)
        if group is None or self.failure or following >= deadline:
            return self._run(work, release, period, self._cleanest(work, period), self._excuse(group))
        return Choice(None, following, self._reason(work, release, period, why="the policy lets it wait"))

    def _step(self, period: int) -> None:
        try:
            step = self._replay.step(period)
        except PlannerError as error:
            self.failure = str(error)
            return
        waiting = step.view.waiting
        for row in range(len(waiting)):
            key = (int(waiting.workload[row]), int(waiting.release[row]))
            self._groups.setdefault(key, Group(int(waiting.requests[row])))
        self._serve(step)
        for row in np.flatnonzero(waiting.last == period).tolist():
            work = int(waiting.workload[row])
            self._groups[work, int(waiting.release[row])].finish(period, self._cleanest(work, period))
        self._look_ahead(step.view)

    def _serve(self, step: Step) -> None:
        waiting, decision = step.view.waiting, step.decision
        for row, route, share in zip(decision.row, decision.route, decision.share, strict=True):
            group = self._groups[int(waiting.workload[row]), int(waiting.release[row])]
            group.serve(step.view.period, int(step.view.routes.region[route]), float(share))

    def _look_ahead(self, view: HourView) -> None:
        """The lowest intensity that the forecast shows within each workload's slack: a reason to wait."""
        if view.forecast is None:
            return
        spans = [min(1 + work.slack_periods, self.instance.periods - view.period) for work in self.instance.workloads]
        seen = view.forecast(max(spans))
        self._outlook[view.period] = [float(seen[reach, :n].min()) for reach, n in zip(self._reach, spans, strict=True)]

    def _cleanest(self, work: int, period: int) -> int:
        """Region of lowest intensity in reach; found once, for every invocation's reason says it."""
        found = self._cleanest_found.get((work, period))
        if found is None:
            reach = self._reach[work]
            found = int(reach[np.argmin(self.instance.carbon_intensity_g_per_kwh[reach, period])])
            self._cleanest_found[work, period] = found
        return found

    def _run(self, work: int, release: int, period: int, region: int, why: str) -> Choice:
        reason = self._reason(work, release, period, why=why)
        intensity = float(self.instance.carbon_intensity_g_per_kwh[region, period])
        name = self.instance.regions[region].name
        return Choice(name, self.instance.time(period), {**reason, "ci_g_per_kwh": intensity})

    def _reason(self, work: int, release: int, period: int, *, why: str) -> dict[str, Any]:
        """`ci_at_once_g_per_kwh`: of the cleanest region in the hour in which the invocation was made."""
        known = min(release, period)
        at_once = self.instance.carbon_intensity_g_per_kwh[self._cleanest(work, known), known]
        said = {"why": why, "policy": self.policy, "ci_at_once_g_per_kwh": float(at_once)}
        if not self._foresees:
            return said
        ahead = self._outlook.get(period)
        return {
            **said,
            "forecast": self.forecast,
            "ci_forecast_lowest_g_per_kwh": None if ahead is None else ahead[work],
        }

    def _excuse(self, group: Group | None) -> str:
        if self.failure:
            return f"at once, for the policy failed: {self.failure}"
        return "at once, for the plan knows no such invocation" if group is None else "at once, for it is due"


def _require_invocations(instance: Instance) -> None:
    if len(instance.origins) != 1 or instance.jobs or instance.step_minutes != 60:
        wanted = "one origin, no jobs and periods of an hour, as `planner protocol trace --instance` writes it"
        raise UsageError(f"{instance.name}: the dispatcher's instance has {wanted}")
    strange = [work.name for work in instance.workloads if work.name not in FUNCTIONS]
    if strange:
        raise UsageError(f"{instance.name}: no such function: {', '.join(strange)}; there are {', '.join(FUNCTIONS)}")


def _reach(instance: Instance) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """Regions that may serve each workload (M0)."""
    site = routes(instance)
    reach = [np.unique(site.region[(site.workload == w) & site.feasible[0]]) for w in range(len(instance.workloads))]
    for work, regions in zip(instance.workloads, reach, strict=True):
        if not len(regions):
            raise UsageError(f"{instance.name}: no region may run {work.name}")
    return reach


def _position(event_id: str, function: str, trace_hour: datetime, requests: int) -> int:
    """Place of an invocation among those of its function and hour; a stable one where the trace does not know it."""
    place = _places(trace_hour).get((function, event_id))
    if place is None or place >= requests:
        return int.from_bytes(sha256(event_id.encode()).digest()[:8]) % requests
    return place


@lru_cache(maxsize=512)
def _places(trace_hour: datetime) -> Mapping[tuple[str, str], int]:
    seen: dict[str, int] = {}
    places = {}
    for call in hourly(trace_hour):
        places[call.function, call.event_id] = seen.get(call.function, 0)
        seen[call.function] = places[call.function, call.event_id] + 1
    return places
