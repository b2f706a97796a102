"""Wait for an hour that is clean by the standard of the next day."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Bools
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
from planner.policies.fill import fill
from planner.policies.ranking import now, ranked

HOURS = 24


class Threshold:
    """Run when the lowest carbon intensity that a batch can reach is at or below its percentile of the next 24 hours.

    What has no more time to wait runs in any case. The region is the cleanest feasible one.
    Source: threshold rule in the style of Ecovisor (Souza et al., ASPLOS 2023, doi:10.1145/3575693.3575709).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, percentile: float = 30.0) -> None:
        if not 0 <= percentile <= 100:
            raise ValueError(f"percentile={percentile:g}: a number in [0, 100] is expected")
        self._percentile = percentile

    def decide(self, view: HourView) -> Decision:
        """Serve the batches whose hour has come, cleanest region first."""
        if view.forecast is None:
            raise PolicyError("threshold needs a forecast")
        ahead = view.forecast(max(1, round(HOURS / view.step_hours)))
        lowest = np.where(_reachable(view)[..., None], ahead, np.inf).min(axis=2)
        lowest[np.isinf(lowest)] = 0.0  # nothing can be served there anyway
        clean = lowest[..., 0] <= np.percentile(lowest, self._percentile, axis=2)
        return fill(view, ranked(view, now(view)), clean[view.waiting.workload, view.waiting.origin])


def _reachable(view: HourView) -> Bools:
    """(W,O,R) regions with a feasible route."""
    site = view.routes
    lies_in = site.region[:, None] == np.arange(len(view.region_names))
    own = [site.workload == workload for workload in range(len(view.workload_names))]
    return np.stack([(site.feasible[:, mine].astype(np.int64) @ lies_in[mine]) > 0 for mine in own])
