"""A policy under watch: what is due now must be served now if any pool can (MODEL.md 8)."""

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.domain.protocols import Decision, HourView, Policy, Regime
from planner.policies.deadlines import latest_start
from planner.policies.room import Room

SHARE = 1e-6  # left of a batch, below which it is done


class Watch:
    """Passes the watched policy's decisions on; `complaints` are the due batches that waited beside free servers."""

    def __init__(self, watched: Policy) -> None:
        self._watched = watched
        self.regime: Regime = watched.regime
        self.complaints: list[str] = []

    def decide(self, view: HourView) -> Decision:
        """The watched decision, unchanged."""
        decision = self._watched.decide(view)
        left = view.waiting.left.copy()
        np.subtract.at(left, decision.row, decision.share)
        room = Room(view)
        room.take(view.routes.pool[decision.route], view.load(decision.row, decision.route, decision.share))
        for row in np.flatnonzero(_neglected(view, decision, left)):
            self._complain(view, int(row), float(left[row]), room)
        return decision

    def _complain(self, view: HourView, row: int, left: float, room: Room) -> None:
        waiting, site = view.waiting, view.routes
        whole = waiting.share_unit[row] > 0
        share = float(waiting.share_unit[row]) if whole else left
        usable = view.routes.feasible[waiting.origin[row]] & (site.workload == waiting.workload[row])
        for route in np.flatnonzero(usable):
            load = float(view.load(np.array([row]), np.array([route]), np.array([share]))[0])
            part = room.part(int(site.pool[route]), load)
            if part >= 1 or (part * share > SHARE and not whole):
                pool = view.pool_names[site.pool[route]]
                self.complaints.append(f"hour {view.period}: due batch {waiting.batch[row]} waits beside free {pool}")


def _neglected(view: HourView, decision: Decision, left: Floats) -> Bools:
    """(n,) due batches of which something still waits; a job in parts needs no more than one of them now."""
    waiting = view.waiting
    due = latest_start(waiting) <= view.period
    begun = np.isin(np.arange(len(waiting)), decision.row) & ~waiting.contiguous
    return np.asarray(due & (left > SHARE) & ~begun)
