"""The week of the serverless evaluation protocol: four functions, 26 invocations an hour, six Google Cloud regions."""

from datetime import UTC, datetime
from math import inf

import numpy as np

from planner.data.grid_carbon import grid_profiles, synthetic_carbon
from planner.data.places import ZONE_SITES, round_trip_ms
from planner.domain.instance import CarbonKind, Instance, Ints, Pool, Profile, Region, Variant, Workload

HARDWARE = "one vCPU, 2 GB"
START = datetime(2026, 6, 1, tzinfo=UTC)  # a Monday; in June the cleanest of the six changes most often
HOURS = 168
PUE = 1.1
RUNNER_ZONE = "BE"
# Cloud Carbon Footprint's coefficients for Google Cloud: W per busy vCPU, and kWh per GB-hour of memory.
FUNCTION_W = 4.26 + 2 * 0.392

REGIONS = {
    "us-west1": "US-NW-PACW",
    "us-west2": "US-CAL-CISO",
    "southamerica-east1": "BR-CS",
    "europe-southwest1": "ES",
    "europe-west1": "BE",
    "europe-west2": "GB",
}
# name: invocations an hour, slack (h), mean and standard deviation of the run time (ms)
FUNCTIONS = {
    "api-health-check": (20, 0, 50.0, 15.0),
    "crypto-key-gen": (3, 3, 2200.0, 1200.0),
    "image-format-converter": (2, 6, 1500.0, 300.0),
    "video-transcoder": (1, 12, 60_000.0, 9000.0),
}

NOTES = (
    "The serverless evaluation protocol: four functions, 26 invocations an hour for a week, six Google Cloud regions.",
    "Assumption: RSA-4096 generation takes 2.2 s, timed with OpenSSL on one core (0.5 to 5 s).",
    "Assumption: a ping takes 50 ms, a photograph to WEBP 1.5 s, four passes over a short clip 60 s of one vCPU.",
    "Assumption: a running function takes 4.26 W of vCPU and 0.392 W for each of its 2 GB of memory, idle nothing.",
    "Source of these W: Cloud Carbon Footprint's coefficients for Google Cloud. Assumption: PUE is 1.1.",
    "Assumption: the runner calls from Belgium; a round trip takes 17 ms and 0.0152 ms per km of great circle.",
)


def protocol_week(seed: int = 0) -> Instance:
    """The protocol's week as it is shipped."""
    return protocol_days(START, HOURS // 24, seed=seed).replace(name="faas/protocol-week")


def protocol_days(start: datetime, days: int, *, seed: int = 0) -> Instance:
    """The protocol on synthetic grids (grid/1 statistics); no limit of capacity, no SLO, one origin."""
    hours = 24 * days
    zones = list(REGIONS.values())
    draw = np.random.Generator(np.random.PCG64(seed))
    profiles = grid_profiles().take(zones)
    return Instance(
        name=f"faas/protocol-{days}d-{start:%Y%m%dT%H}",
        start=start,
        step_minutes=60,
        regions=tuple(Region(name, zone, PUE, *ZONE_SITES[zone]) for name, zone in REGIONS.items()),
        pools=tuple(Pool(name, name, HARDWARE) for name in REGIONS),
        origins=("runner",),
        workloads=tuple(map(_function, FUNCTIONS)),
        carbon_intensity_g_per_kwh=synthetic_carbon(profiles, start, hours=hours, step_minutes=60, draw=draw),
        carbon_kind=CarbonKind(),
        rtt_ms=round_trip_ms(np.array([ZONE_SITES[RUNNER_ZONE]]), np.array([ZONE_SITES[z] for z in zones])),
        requests=_invocations(hours),
        servers=np.full((len(zones), hours), inf),
        notes=(*NOTES, f"Carbon intensity: synthetic, generator grid/1, seed {seed}. {profiles.attribution}"),
    )


def _function(name: str) -> Workload:
    _, slack, mean_ms, sd_ms = FUNCTIONS[name]
    profile = Profile(mean_ms, sd_ms, mean_ms / 1e3, FUNCTION_W * mean_ms / 1e3)
    return Workload(name, (Variant(name, {HARDWARE: profile}),), slack_periods=slack)


def _invocations(hours: int) -> Ints:
    """(W,1,T): the same mix every hour."""
    hourly = np.array([per_hour for per_hour, *_ in FUNCTIONS.values()], dtype=np.int64)
    return np.broadcast_to(hourly[:, None, None], (len(hourly), 1, hours)).copy()
