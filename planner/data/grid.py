"""The generator family grid/1: fleets of any size on synthetic grids with the statistics of real ones.

Deterministic by seed on every platform: PCG64, uniform and standard normal draws only, and what is drawn is rounded.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil

import numpy as np

from planner.data.grid_carbon import grid_profiles, synthetic_carbon
from planner.data.grid_kinds import HARDWARE, KINDS, kind, workload
from planner.data.places import CITIES, ZONE_SITES, City, round_trip_ms
from planner.domain.instance import CarbonKind, Floats, Instance, Ints, Pool, Region, Workload
from planner.errors import UsageError

VERSION = "grid/1"
START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
UTILISATION = 0.7
IDLE_W = 120.0
PEAK_W = 700.0
STARTUP_WH = 60.0
JITTER_SD_MS = 3.0
BUSY_SERVERS_PER_REGION = 12
NEAR_SHARE = 0.6  # of the fleet stands where users are near, the rest is spread evenly
DEMAND_NOISE_SD = 0.08


@dataclass(frozen=True, slots=True)
class GridSize:
    """How large and how tight: `capacity` is the fleet's usable server-seconds over those of the busiest period.

    Below 0.9 or so there is no plan, at 1.6 half the fleet is full at any hour, from 4 on capacity hardly binds.
    """

    regions: int = 12
    origins: int = 13
    hours: int = 168
    step_minutes: int = 60
    workloads: int = 6
    capacity: float = 1.6
    provisioning: bool = False
    unsplittable: bool = False

    def __post_init__(self) -> None:
        counts = {"regions": self.regions, "origins": self.origins, "hours": self.hours, "workloads": self.workloads}
        for name, value in counts.items():
            if value < 1:
                raise UsageError(f"--{name} must be at least 1, not {value}")
        if self.step_minutes < 5 or 60 % self.step_minutes:
            raise UsageError(f"--step must be 5, 6, 10, 12, 15, 20, 30 or 60 minutes, not {self.step_minutes}")
        if not self.capacity > 0:
            raise UsageError(f"--capacity must be positive, not {self.capacity}")

    @property
    def periods(self) -> int:
        """T, the number of periods."""
        return self.hours * 60 // self.step_minutes


def grid(size: GridSize, *, seed: int = 0) -> Instance:
    """An instance of grid/1; the same size and seed give the same instance."""
    draw = np.random.Generator(np.random.PCG64(seed))
    zones = _zones(size.regions, draw)
    regions = _regions(zones, draw)
    cities = [CITIES[o % len(CITIES)] for o in range(size.origins)]
    rtt = round_trip_ms(np.array([(c.latitude, c.longitude) for c in cities]), np.array([ZONE_SITES[z] for z in zones]))
    workloads = _workloads(size, rtt, [r.name for r in regions], draw)
    requests = _requests(size, cities, draw)
    servers = _servers(size, rtt, requests)
    return Instance(
        name=f"grid/{size.regions}r-{size.origins}o-{size.workloads}w-{size.hours}h-{size.step_minutes}m-seed{seed}",
        start=START,
        step_minutes=size.step_minutes,
        regions=regions,
        pools=tuple(map(_pool, regions)),
        origins=_numbered([c.name for c in cities]),
        workloads=workloads,
        carbon_intensity_g_per_kwh=_carbon(zones, size, draw),
        carbon_kind=CarbonKind(),
        rtt_ms=rtt,
        requests=requests,
        servers=np.repeat(servers[:, None], size.periods, axis=1),
        provisioning=size.provisioning,
        jitter_sd_ms=JITTER_SD_MS,
        notes=_notes(size, seed),
    )


def _zones(regions: int, draw: np.random.Generator) -> list[str]:
    """As many zones in drawn order; beyond the 36 they come again."""
    zones = list(grid_profiles().zones)
    order = np.argsort(draw.uniform(size=len(zones)))
    return [zones[order[r % len(zones)]] for r in range(regions)]


def _numbered(names: list[str]) -> tuple[str, ...]:
    """Names made unique: the second 'ES' is 'ES-2'."""
    repeats = [names[:i].count(name) for i, name in enumerate(names)]
    return tuple(f"{name}-{n + 1}" if n else name for name, n in zip(names, repeats, strict=True))


def _regions(zones: list[str], draw: np.random.Generator) -> tuple[Region, ...]:
    pue = np.round(draw.uniform(1.07, 1.25, size=len(zones)), 2)
    return tuple(
        Region(name, zone, float(p), *ZONE_SITES[zone])
        for name, zone, p in zip(_numbered(zones), zones, pue, strict=True)
    )


def _pool(region: Region) -> Pool:
    return Pool(region.name, region.name, HARDWARE, IDLE_W, PEAK_W, STARTUP_WH, UTILISATION)


def _carbon(zones: list[str], size: GridSize, draw: np.random.Generator) -> Floats:
    """(R,T): regions of one zone share its series."""
    distinct = list(dict.fromkeys(zones))
    profiles = grid_profiles().take(distinct)
    series = synthetic_carbon(profiles, START, hours=size.hours, step_minutes=size.step_minutes, draw=draw)
    return series[[distinct.index(z) for z in zones]]


def _workloads(size: GridSize, rtt: Floats, regions: list[str], draw: np.random.Generator) -> tuple[Workload, ...]:
    names = _numbered([kind(w).name for w in range(size.workloads)])
    found = (
        workload(name, kind(w), rtt_ms=rtt, regions=regions, step_minutes=size.step_minutes, draw=draw)
        for w, name in enumerate(names)
    )
    return tuple(replace(w, splittable=not size.unsplittable) for w in found)


def _requests(size: GridSize, cities: list[City], draw: np.random.Generator) -> Ints:
    """(W,O,T) counts: a fixed amount of work for the size of the fleet, shaped by local day, weekend and noise."""
    load = np.array([kind(w).load for w in range(size.workloads)])
    seconds = np.array([kind(w).server_seconds for w in range(size.workloads)])
    weight = np.array([c.weight for c in cities])
    work = BUSY_SERVERS_PER_REGION * size.regions * size.step_minutes * 60 * UTILISATION
    mean = work * np.outer(load / load.sum() / seconds, weight / weight.sum())
    noise = 1 + DEMAND_NOISE_SD * draw.standard_normal((size.workloads, len(cities), size.periods))
    return np.rint(np.maximum(mean[:, :, None] * _local_day(size, cities) * noise, 0)).astype(np.int64)


def _local_day(size: GridSize, cities: list[City]) -> Floats:
    """(O,T) demand over its mean: highest at 15:00 local time, 15 % lower on Saturdays and Sundays in UTC."""
    hour = np.arange(size.periods) * size.step_minutes / 60
    offset = np.array([c.utc_offset for c in cities])
    day = 1 + 0.45 * np.cos(2 * np.pi * (hour + offset[:, None] - 15) / 24)
    return np.asarray(day * np.where(hour // 24 % 7 >= 5, 0.85, 1.0))


def _servers(size: GridSize, rtt: Floats, requests: Ints) -> Floats:
    """(R,) whole servers: `capacity` times the busiest period, part of it near the users (two nearest regions)."""
    seconds = np.array([kind(w).server_seconds for w in range(size.workloads)])
    work = np.einsum("wot,w->ot", requests, seconds)
    nearest = np.argsort(rtt, axis=1, kind="stable")[:, :2]
    near = np.bincount(nearest.ravel(), np.repeat(work.sum(axis=1), nearest.shape[1]), minlength=size.regions)
    share = NEAR_SHARE * near / near.sum() + (1 - NEAR_SHARE) / size.regions
    whole = size.capacity * work.sum(axis=0).max() / (3600 * size.step_minutes / 60 * UTILISATION)
    return np.array([float(ceil(round(x, 6))) for x in share * whole])


def _contents(size: GridSize) -> str:
    fleet = f"capacity {size.capacity:g}, {'provisioned' if size.provisioning else 'fixed'} fleet"
    demand = f"{size.workloads} workloads{' in whole batches' if size.unsplittable else ''}, {size.origins} origins"
    return f"{size.regions} regions, {demand}, {size.hours} h in steps of {size.step_minutes} min, {fleet}"


def _notes(size: GridSize, seed: int) -> tuple[str, ...]:
    return (
        f"Generator {VERSION}: {_contents(size)}, seed {seed}.",
        "Carbon intensity is synthetic, with the statistics of hourly series of 36 zones, 2021 to 2023.",
        grid_profiles().attribution,
        "Assumption: a round trip takes 17 ms and 0.0152 ms per km of great circle, fitted to public region pairs.",
        f"Assumption: demand, the {len(KINDS)} kinds of workload, PUE and the fleet are invented.",
    )
