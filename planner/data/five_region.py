"""The published five-region study, drawn exactly as the study draws it.

Source: repository venomez-viper/Carbon-Aware-Scheduling-for-Multi-Region-AI-Inference. Its constants are restated
here; the random streams are NumPy's legacy ones, so that carbon series and requests are the study's own.
"""

from datetime import UTC, datetime
from math import inf, pi, sin

import numpy as np

from planner.domain.instance import (
    CarbonKind,
    Floats,
    Instance,
    Ints,
    Pool,
    Profile,
    Region,
    RequestLog,
    Variant,
    Workload,
)

HARDWARE = "server"
START = datetime(2026, 1, 1, tzinfo=UTC)
JITTER_SD_MS = 3.0
ACTIVE_W = 250.0

BASE_CARBON_G_PER_KWH = {"US-East": 323.0, "US-West": 79.0, "EU-West": 276.0, "EU-North": 25.0, "Singapore": 367.0}
ORIGIN_SHARE = {"US-East": 0.40, "US-West": 0.20, "EU": 0.25, "Asia": 0.15}
RTT_MS = ((5, 65, 85, 95, 230), (65, 5, 145, 155, 170), (85, 145, 10, 25, 165), (230, 170, 165, 175, 5))
# name: mean and standard deviation of the inference time (ms), SLO (ms), share of the requests
WORKLOADS = {
    "bert_base": (18.0, 4.0, 100.0, 0.60),
    "bert_large": (60.0, 12.0, 150.0, 0.30),
    "resnet50": (12.0, 3.0, 80.0, 0.10),
}

SOURCE_NOTES = (
    "Source: the study 'Carbon-Aware Scheduling for Multi-Region AI Inference'; its series and times are simulated.",
    "Assumption: the study has no calendar; its hour 0 is 2026-01-01T00:00Z. PUE is 1, the carbon signal average.",
)
NOTES = (
    "The published five-region study, without limits, to compare its policies on.",
    *SOURCE_NOTES,
    "Assumption: a request takes 250 W times its mean inference time; the study reports carbon intensity, not energy.",
    "Pools have no limit and an SLO violation costs nothing, so that every published policy is feasible.",
)


def carbon_series(hours: int, seed: int) -> Floats:
    """(5, hours) carbon intensity in g/kWh: a daily sine with noise, regions drawn one after another."""
    draw = np.random.RandomState(seed)
    daily = np.array([1 + 0.2 * sin(2 * pi * (h % 24 - 6) / 24) for h in range(hours)])
    rows = [base * daily * draw.uniform(0.9, 1.1, hours) for base in BASE_CARBON_G_PER_KWH.values()]
    return np.maximum(5.0, np.array(rows))


def draw_requests(hours: int, requests_per_hour: int, seed: int) -> RequestLog:
    """Origin and workload of every request in order, as many in every hour; all origins are drawn first."""
    draw = np.random.RandomState(seed)
    total = hours * requests_per_hour
    origin = draw.choice(len(ORIGIN_SHARE), size=total, p=list(ORIGIN_SHARE.values()))
    workload = draw.choice(len(WORKLOADS), size=total, p=[share for *_, share in WORKLOADS.values()])
    return RequestLog(origin.astype(np.int64), workload.astype(np.int64))


def count_requests(log: RequestLog, hours: int) -> Ints:
    """(W,O,T) histogram of a log with as many requests in every hour."""
    counts = np.zeros((len(WORKLOADS), len(ORIGIN_SHARE), hours), dtype=np.int64)
    hour = np.repeat(np.arange(hours), len(log.origin) // hours)
    np.add.at(counts, (log.workload, log.origin, hour), 1)
    return counts


def five_region_week(hours: int = 168, requests_per_hour: int = 200, seed: int = 42) -> Instance:
    """The study itself: pools without limit, SLO violations counted and free, every request in the log."""
    log = draw_requests(hours, requests_per_hour, seed)
    return Instance(
        name="seed/five-region-week" if hours == 168 else f"five-region-{hours}h",
        start=START,
        step_minutes=60,
        regions=tuple(Region(name, name) for name in BASE_CARBON_G_PER_KWH),
        pools=tuple(Pool(name, name, HARDWARE) for name in BASE_CARBON_G_PER_KWH),
        origins=tuple(ORIGIN_SHARE),
        workloads=tuple(map(_workload, WORKLOADS)),
        carbon_intensity_g_per_kwh=carbon_series(hours, seed),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array(RTT_MS, dtype=np.float64),
        requests=count_requests(log, hours),
        servers=np.full((len(BASE_CARBON_G_PER_KWH), hours), inf),
        jitter_sd_ms=JITTER_SD_MS,
        request_log=log,
        notes=(*NOTES, f"Generator: five-region, {hours} h, {requests_per_hour} requests an hour, seed {seed}."),
    )


def _workload(name: str) -> Workload:
    mean_ms, sd_ms, slo_ms, _ = WORKLOADS[name]
    profile = Profile(mean_ms, sd_ms, mean_ms / 1e3, ACTIVE_W * mean_ms / 1e3)
    return Workload(name, (Variant(name, {HARDWARE: profile}),), slo_ms=slo_ms, slo_mode="priced")
