"""Instances that a reader can add up: a request takes 1 kWh and 1 server-second, PUE 1, so a kg per 1000 g/kWh."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from planner.domain.instance import CarbonKind, Instance, Job, Pool, Profile, Region, Variant, Workload

KWH = 3.6e6
HOUR = 3600


def workload(name: str, *, sd_ms: float = 0.0, **changes: Any) -> Workload:
    """One variant of 1 kWh and 1 server-second a request, 10 ms."""
    return Workload(name, (Variant("only", {"cpu": Profile(10.0, sd_ms, 1.0, KWH)}),), **changes)


def small(carbon: Sequence[Sequence[float]], requests: Any, **changes: Any) -> Instance:
    """Regions r0, r1, ... with one pool of unlimited servers each; `requests` (W,O,T), or (T,) of one workload.

    Origin i has RTT 10 ms to region i and 50 ms to the others.
    """
    intensity = np.array(carbon, dtype=np.float64)
    counts = np.array(requests, dtype=np.int64)
    counts = counts[None, None] if counts.ndim == 1 else counts
    names = [f"r{i}" for i in range(len(intensity))]
    origins = counts.shape[1]
    fields: dict[str, Any] = {
        "name": "small",
        "start": datetime(2026, 1, 1, tzinfo=UTC),
        "step_minutes": 60,
        "regions": tuple(Region(name, name) for name in names),
        "pools": tuple(Pool(name, name, "cpu") for name in names),
        "origins": tuple(f"o{i}" for i in range(origins)),
        "workloads": tuple(workload(f"w{i}") for i in range(len(counts))),
        "carbon_intensity_g_per_kwh": intensity,
        "carbon_kind": CarbonKind(),
        "rtt_ms": np.where(np.eye(origins, len(names)) > 0, 10.0, 50.0),
        "requests": counts,
        "servers": np.full(intensity.shape, np.inf),
    }
    return Instance(**(fields | changes))


def job(name: str, *, release: int, deadline: int, length: int, contiguous: bool = True, requests: int = HOUR) -> Job:
    """A job of w0 from o0."""
    return Job(name, "w0", "o0", release, deadline, length, contiguous, requests)
