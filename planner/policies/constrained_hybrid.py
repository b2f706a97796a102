"""Cleanest among the regions that are expected to meet the SLO."""

from typing import ClassVar

import numpy as np

from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.fill import fill
from planner.policies.ranking import now, ranked, rtt


class ConstrainedHybrid:
    """Lowest carbon intensity where RTT + mean service + k_sd deviations + buffer <= SLO; where nothing is, lowest RTT.

    As published the rule is given each request's realised service time, which nobody knows beforehand; this is its
    honest form. Everything is served at once.
    Source: Carbon-Aware Scheduling for Multi-Region AI Inference (venomez-viper), policy Constrained Hybrid.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(self, buffer_ms: float = 9.0, k_sd: float = 0.0) -> None:
        self._buffer_ms, self._k_sd = buffer_ms, k_sd

    def decide(self, view: HourView) -> Decision:
        """Eligible routes by carbon intensity, then the others by round-trip time."""
        service = view.service_ms + self._k_sd * view.service_sd_ms + self._buffer_ms
        missed = rtt(view) + service > view.slo_ms[view.routes.workload]
        return fill(view, ranked(view, missed, np.where(missed, rtt(view), now(view))))
