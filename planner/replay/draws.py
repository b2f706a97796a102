"""What chance gives every request: the same for all policies (common random numbers)."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Routes

SERVICE_FLOOR_MS = 1.0
STUDY_SEED = 42  # of the five-region study, whose table is reproduced unless another is asked for


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Per request (n,): standard normal `deviation` of its service time, `jitter_ms`, `arrival_s` within its period."""

    deviation: Floats
    jitter_ms: Floats
    arrival_s: Floats


def draws(instance: Instance, requests: int, seed: int) -> Draws:
    """As the five-region study draws: inference, then jitter, one request after the other; arrivals apart from them."""
    normal = np.random.default_rng(seed).standard_normal((requests, 2))
    # A stream of its own: whether and when requests queue leaves their service times as they are.
    arrivals = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
    return Draws(
        deviation=normal[:, 0].copy(),
        jitter_ms=np.maximum(0.0, instance.jitter_sd_ms * normal[:, 1]),
        arrival_s=arrivals.random(requests) * 3600.0 * instance.step_hours,
    )


@dataclass(frozen=True, slots=True, eq=False)
class ServiceTimes:
    """Mean and standard deviation (K,) of the service time on each route, ms."""

    mean_ms: Floats
    sd_ms: Floats

    @classmethod
    def of(cls, instance: Instance, site: Routes) -> "ServiceTimes":
        """From the profiles behind the routes."""
        profiles = [
            instance.workloads[w].variants[v].profiles[instance.pools[p].hardware]
            for w, p, v in zip(site.workload, site.pool, site.variant, strict=True)
        ]
        mean, sd = (np.array([getattr(p, name) for p in profiles]) for name in ("service_ms_mean", "service_ms_sd"))
        return cls(mean, sd)

    def realised(self, route: Ints, deviation: Floats) -> Floats:
        """Service times in ms of requests on routes; the two broadcast."""
        return np.maximum(SERVICE_FLOOR_MS, self.mean_ms[route] + self.sd_ms[route] * deviation)
