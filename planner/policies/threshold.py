"""Wait for an hour that is clean by the standard of the next day."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked
from planner.policies.reach import lowest, reachable

HOURS = 24


class Threshold:
    """Run when the lowest carbon intensity that a batch can reach is at or below its percentile of the next 24 hours.

    What has no more time to wait runs in any case: what is due, and what later hours would not have room for in time.
    The region is the cleanest feasible one.
    Source: threshold rule in the style of Ecovisor (Souza et al., ASPLOS 2023, doi:10.1145/3575693.3575709).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, percentile: float = 30.0) -> None:
        if not 0 <= percentile <= 100:
            raise ValueError(f"percentile={percentile:g}: a number in [0, 100] is expected")
        self._pressure, self._percentile = Pressure(instance), percentile

    def decide(self, view: HourView) -> Decision:
        """Serve the batches whose hour has come, cleanest region first."""
        if view.forecast is None:
            raise PolicyError("threshold needs a forecast")
        ahead = lowest(reachable(view), view.forecast(max(1, round(HOURS / view.step_hours))))
        clean = ahead[..., 0] <= np.percentile(ahead, self._percentile, axis=2)
        run = np.maximum(clean[view.waiting.workload, view.waiting.origin], self._pressure.shares(view))
        return fill(view, ranked(view, now(view)), run > 0, most=run * view.waiting.left)
