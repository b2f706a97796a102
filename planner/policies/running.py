"""Contiguous jobs that a policy has started and that hold their pools for some time."""

import numpy as np

from planner.domain.instance import Floats
from planner.domain.protocols import Decision, HourView


class Running:
    """What is still to run, from the policy's own decisions: pool, server-seconds a period, first period without."""

    def __init__(self) -> None:
        self._jobs: list[tuple[int, float, int]] = []

    def start(self, view: HourView, decision: Decision) -> None:
        """Take note of the jobs that a decision starts."""
        row = decision.row
        length = np.where(view.waiting.contiguous[row], view.waiting.length[row], 1)
        load = view.load(row, decision.route, decision.share)
        pool = view.routes.pool[decision.route]
        for i in np.flatnonzero(length > 1).tolist():
            self._jobs.append((int(pool[i]), float(load[i]), view.period + int(length[i])))

    def held(self, view: HourView, periods: int) -> Floats:
        """(P, periods) server-seconds that running jobs take from now on."""
        self._jobs = [job for job in self._jobs if job[2] > view.period]
        held = np.zeros((len(view.pool_names), periods))
        for pool, load, end in self._jobs:
            held[pool, : end - view.period] += load
        return held
