"""The whole horizon's flows and multipliers, filled in window by window."""

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import Cut, Multipliers
from planner.domain.window import ClassFlows, Window
from planner.solve.windows.problem import Divisible, State
from planner.solve.windows.solution import WindowSolution


class Patchwork:
    """What no window has filled in yet is 0: nothing served, and multipliers that prove little but prove."""

    def __init__(self, whole: Divisible) -> None:
        self._whole = whole
        instance = whole.instance
        rows = [len(c.routes) for c in whole.classes]
        self.flows = ClassFlows(
            kind=np.repeat(np.arange(len(rows)), rows),
            served=np.zeros((sum(rows), instance.periods)),
            missed=np.zeros((len(rows), instance.periods)),
            servers=np.zeros(instance.servers.shape) if instance.provisioning else None,
        )
        self._capacity = np.zeros(instance.servers.shape)
        self._fleet = None if instance.fleet_limit is None else np.zeros(instance.periods)
        self._cuts: list[Cut] = []

    def take(self, window: Window, solution: WindowSolution, *, margin: int = 0) -> None:
        """A window's flows, and its multipliers but for `margin` periods at both of its ends."""
        found, own, at = solution.flows, self.flows, slice(window.first, window.end)
        own.served[:, at], own.missed[:, at] = found.served, found.missed
        if own.servers is not None and found.servers is not None:
            own.servers[:, at] = found.servers
        self._price(solution.multipliers, window.first, slice(margin, window.end - window.first - margin))

    def _price(self, found: Multipliers, first: int, inner: slice) -> None:
        at = slice(first + inner.start, first + inner.stop)
        self._capacity[:, at] = found.capacity[:, inner]
        if self._fleet is not None and found.fleet is not None:
            self._fleet[at] = found.fleet[inner]
        kept = [c for c in self._cuts if not at.start <= c.first < at.stop]
        self._cuts = kept + [c for c in found.cuts if at.start <= c.first < at.stop]

    def before(self, period: int) -> State:
        """The cut at the start of a period, as what follows sees it."""
        servers = self.flows.servers
        return State(self._waiting(period), None if servers is None else servers[:, period - 1])

    def after(self, period: int) -> State | None:
        """The cut before a period, as what lies before sees it; None at the end of the horizon."""
        if period == self._whole.instance.periods:
            return None
        servers = self.flows.servers
        return State(self._waiting(period), None if servers is None else servers[:, period])

    def _waiting(self, period: int) -> Floats:
        released = np.array([c.demand[:period].sum() for c in self._whole.classes], dtype=np.float64)
        left = self.flows.leaving[:, :period].sum(axis=1)
        return np.asarray(np.clip(released - left, 0.0, self._whole.ends.limit[:, period - 1]))

    def multipliers(self) -> Multipliers:
        """What has been taken so far."""
        return Multipliers(
            capacity=self._capacity.copy(),
            slo=np.zeros(len(self._whole.instance.workloads)),
            fleet=None if self._fleet is None else self._fleet.copy(),
            cuts=tuple(sorted(self._cuts, key=lambda c: (c.first, c.last, c.regions))),
        )
