"""Seeded instances of unsplittable jobs that share a small fleet: contiguous, interruptible, and beside serving."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from planner.data.grid_carbon import grid_profiles, synthetic_carbon
from planner.data.places import ZONE_SITES
from planner.domain.instance import CarbonKind, Instance, Ints, Job, Pool, Profile, Region, Variant, Workload

HARDWARE = "accelerator"
START = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = ("ES", "GB", "DE")
PUE = 1.1
ACTIVE_W = 450.0
ORIGIN = "team"
RTT_MS = 30.0
LENGTHS = (1, 2, 3, 4, 6, 8)
WIDTHS = (1, 2, 3)
SLACK_HOURS = (4, 8, 12, 18)
SERVING_REQUESTS = 7_200
SERVING_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class JobMix:
    """How many jobs of each kind, servers in every region, and whether splittable serving runs beside them."""

    name: str
    contiguous: int
    interruptible: int
    servers: int
    serving: bool = False
    hours: int = 48


# Each with its seed; the seeds were chosen so that HiGHS proves 1e-4 within ten seconds or so.
SHIPPED = (
    (JobMix("jobs/batch-day", contiguous=40, interruptible=0, servers=4), 3),
    (JobMix("jobs/interruptible-day", contiguous=0, interruptible=30, servers=3), 0),
    (JobMix("jobs/mixed-day", contiguous=16, interruptible=8, servers=4, serving=True), 0),
)


def batch_jobs(mix: JobMix, *, seed: int) -> Instance:
    """Jobs of 1 to 8 hours and 1 to 3 servers on three synthetic grids with a fixed fleet, no provisioning."""
    draw = np.random.Generator(np.random.PCG64(seed))
    profiles = grid_profiles().take(list(ZONES))
    carbon = synthetic_carbon(profiles, START, hours=mix.hours, step_minutes=60, draw=draw)
    return Instance(
        name=mix.name,
        start=START,
        step_minutes=60,
        regions=tuple(Region(zone, zone, PUE, *ZONE_SITES[zone]) for zone in ZONES),
        pools=tuple(Pool(zone, zone, HARDWARE) for zone in ZONES),
        origins=(ORIGIN,),
        workloads=(_training(), _serving()) if mix.serving else (_training(),),
        carbon_intensity_g_per_kwh=carbon,
        carbon_kind=CarbonKind(),
        rtt_ms=np.full((1, len(ZONES)), RTT_MS),
        requests=_requests(mix),
        servers=np.full((len(ZONES), mix.hours), float(mix.servers)),
        jobs=tuple(_job(j, mix, draw) for j in range(mix.contiguous + mix.interruptible)),
        notes=(
            _contents(mix),
            "A request of training is a server-hour at 450 W: a job counts its width times its length.",
            "Assumption: job lengths, widths, slack and the fleet are invented.",
            f"Carbon intensity: synthetic, generator grid/1, seed {seed}. {profiles.attribution}",
        ),
    )


def _contents(mix: JobMix) -> str:
    kinds = {"contiguous": mix.contiguous, "interruptible": mix.interruptible}
    jobs = " and ".join(f"{count} {kind}" for kind, count in kinds.items() if count) + " jobs"
    return f"{jobs}{' beside splittable serving' if mix.serving else ''} on three grids of {mix.servers} servers."


def _training() -> Workload:
    profile = Profile(3.6e6, 0.0, 3600.0, ACTIVE_W * 3600)
    return Workload("training", (Variant("training", {HARDWARE: profile}),))


def _serving() -> Workload:
    profile = Profile(SERVING_SECONDS * 1e3, 100.0, SERVING_SECONDS, ACTIVE_W * SERVING_SECONDS)
    return Workload("serving", (Variant("serving", {HARDWARE: profile}),), slack_periods=2)


def _requests(mix: JobMix) -> Ints:
    """(W,1,T): none of training, which comes as jobs; one busy server's worth of serving in every hour."""
    counts = [0, SERVING_REQUESTS] if mix.serving else [0]
    return np.repeat(np.array(counts, dtype=np.int64)[:, None, None], mix.hours, axis=2)


def _job(index: int, mix: JobMix, draw: np.random.Generator) -> Job:
    length = LENGTHS[draw.integers(len(LENGTHS))]
    width = WIDTHS[draw.integers(len(WIDTHS))]
    slack = SLACK_HOURS[draw.integers(len(SLACK_HOURS))]
    release = int(draw.integers(mix.hours - length - slack + 1))
    return Job(
        name=f"job-{index + 1:02d}",
        workload="training",
        origin=ORIGIN,
        release=release,
        deadline=release + length + slack - 1,
        length=length,
        contiguous=index < mix.contiguous,
        requests=width * length,
    )
