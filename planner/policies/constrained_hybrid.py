"""Cleanest among the regions that are expected to meet the SLO."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import PolicyError
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


class ConstrainedHybridPublished:
    """Lowest carbon intensity where RTT + the request's realised service time + buffer <= SLO; else lowest RTT.

    Nobody can know a service time beforehand: clairvoyant, and only a request-level replay can ask it. The honest form
    is constrained-hybrid.
    Source: Carbon-Aware Scheduling for Multi-Region AI Inference (venomez-viper), policy Constrained Hybrid.
    """

    regime: ClassVar[Regime] = "clairvoyant"

    def __init__(self, buffer_ms: float = 9.0) -> None:
        self._buffer_ms = buffer_ms

    def decide(self, view: HourView) -> Decision:  # noqa: ARG002 - it refuses every hour
        """PolicyError: an hour knows nothing of single requests."""
        raise PolicyError("it sees each request's service time: replay with --requests, or take constrained-hybrid")

    def choose(self, view: HourView, row: Ints, service_ms: Floats) -> Ints:
        """(n,) route of each request, given its service time (n,K) on every route."""
        workload, origin = view.waiting.workload[row], view.waiting.origin[row]
        possible = view.routes.feasible[origin] & (view.routes.workload == workload[:, None])
        possible &= view.servers_available[view.routes.pool] > 0
        far = rtt(view)[origin]
        in_time = possible & (far + service_ms + self._buffer_ms <= view.slo_ms[workload, None])
        score = np.where(in_time.any(axis=1)[:, None], np.where(in_time, now(view), np.inf), far)
        return np.asarray(np.where(possible, score, np.inf).argmin(axis=1))
