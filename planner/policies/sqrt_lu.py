"""The reservation price of online search."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.bounds_seen import bounds_seen
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked
from planner.policies.reach import last_rank, reachable


class SqrtLu:
    """Run where the carbon intensity is at or below sqrt(L U), cleanest region first; what cannot wait runs anywhere.

    L and U are the least and most carbon intensity of the permitted regions in the last 14 days observed. For one
    indivisible request and true bounds no deterministic rule has a better worst case than its sqrt(U / L).
    Source: El-Yaniv, Fiat, Karp and Turpin, Optimal Search and One-Way Trading Online Algorithms, Algorithmica 2001.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(self, instance: Instance) -> None:
        self._pressure = Pressure(instance)

    def decide(self, view: HourView) -> Decision:
        """What must run anywhere, the rest in regions that are clean enough."""
        low, high = bounds_seen(view, reachable(view))
        limit = last_rank(view, np.sqrt(low * high)[view.waiting.workload, view.waiting.origin])
        must = self._pressure.rows(view)
        return fill(view, ranked(view, now(view)), limit=np.where(must, np.inf, limit))
