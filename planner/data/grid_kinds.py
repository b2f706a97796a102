"""The kinds of workload of grid/1 and how tight an SLO each gets."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from planner.domain.instance import Floats, Profile, Variant, Workload

HARDWARE = "accelerator"
SERVICE_SPREAD = 0.2  # standard deviation of the service time over its mean
SLO_STEP_MS = 50
MAX_VIOLATION = 0.05


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of workload; `load` is its weight among all server-seconds.

    `near` is how many regions the SLO leaves every origin at least, `resident` the share of regions allowed.
    """

    name: str
    slack_hours: int
    load: float
    server_seconds: float
    energy_j: float
    service_ms: float
    near: int | None = None
    resident: float = 1.0


# Ordered so that any first few differ in slack. Sizes are assumptions, of the order of published GPU measurements.
KINDS = (
    Kind("chat", 0, 0.25, 0.150, 62.0, 180.0, near=4),
    Kind("summarise", 24, 0.20, 0.600, 290.0, 4000.0, resident=0.75),
    Kind("caption", 3, 0.15, 0.120, 50.0, 900.0),
    Kind("render", 12, 0.15, 0.800, 400.0, 3000.0, resident=0.5),
    Kind("classify", 0, 0.10, 0.004, 1.6, 30.0, near=2),
    Kind("transcribe", 6, 0.15, 0.300, 120.0, 2500.0),
)


def kind(index: int) -> Kind:
    """The kind of the index-th workload; they repeat."""
    return KINDS[index % len(KINDS)]


def workload(
    name: str, of: Kind, *, rtt_ms: Floats, regions: list[str], step_minutes: int, draw: np.random.Generator
) -> Workload:
    """A workload of a kind, with an SLO for these round trips and a drawn choice of allowed regions."""
    spread = SERVICE_SPREAD * of.service_ms
    profile = Profile(of.service_ms, spread, of.server_seconds, of.energy_j)
    preference = draw.uniform(size=len(regions))
    allowed = np.sort(np.argsort(preference)[: ceil(of.resident * len(regions))])
    return Workload(
        name,
        (Variant(name, {HARDWARE: profile}),),
        slo_ms=None if of.near is None else _slo_ms(rtt_ms, of.near, of.service_ms + 2 * spread),
        max_violation=0.0 if of.near is None else MAX_VIOLATION,
        slack_periods=of.slack_hours * 60 // step_minutes,
        allowed_regions=None if of.resident == 1 else tuple(regions[r] for r in allowed),
    )


def _slo_ms(rtt_ms: Floats, near: int, service_ms: float) -> float:
    """The least multiple of 50 ms that leaves every origin its `near` nearest regions; service with two deviations."""
    reach = np.sort(rtt_ms, axis=1)[:, min(near, rtt_ms.shape[1]) - 1].max()
    return float(SLO_STEP_MS * ceil((reach + service_ms) / SLO_STEP_MS))
