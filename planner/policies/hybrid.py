"""Latency, carbon, and their weighted sum: the routing rules of the five-region study."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.fill import fill
from planner.policies.ranking import now, ranked, rtt


class LatencyFirst:
    """Serve everything at once in the region of lowest round-trip time.

    Source: Carbon-Aware Scheduling for Multi-Region AI Inference (venomez-viper), policy Latency-First.
    """

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        """Regions by their round-trip time."""
        return fill(view, ranked(view, rtt(view)))


class CarbonFirst:
    """Serve everything at once in the region of lowest carbon intensity.

    Source: Carbon-Aware Scheduling for Multi-Region AI Inference (venomez-viper), policy Carbon-First.
    """

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        """Regions by their carbon intensity now."""
        return fill(view, ranked(view, now(view)))


class Hybrid:
    """Serve everything at once where alpha x normalised RTT + (1 - alpha) x normalised carbon intensity is lowest.

    Both are scaled to [0, 1] between their bounds and clipped. Published at alpha 0.2, 0.3, 0.5 and 0.7.
    Source: Carbon-Aware Scheduling for Multi-Region AI Inference (venomez-viper), policy Hybrid.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(
        self,
        alpha: float = 0.5,
        rtt_low: float = 5.0,
        rtt_high: float = 230.0,
        ci_low: float = 5.0,
        ci_high: float = 450.0,
    ) -> None:
        if not 0 <= alpha <= 1:
            raise ValueError(f"alpha={alpha:g}: a number in [0, 1] is expected")
        if rtt_low >= rtt_high or ci_low >= ci_high:
            raise ValueError("each lower bound must lie below its upper one")
        self._alpha, self._rtt, self._ci = alpha, (rtt_low, rtt_high), (ci_low, ci_high)

    def decide(self, view: HourView) -> Decision:
        """Regions by the weighted sum."""
        far, dirty = _scaled(rtt(view), *self._rtt), _scaled(now(view), *self._ci)
        return fill(view, ranked(view, self._alpha * far + (1 - self._alpha) * dirty))


def _scaled(values: Floats, low: float, high: float) -> Floats:
    return np.clip((values - low) / (high - low), 0.0, 1.0)
