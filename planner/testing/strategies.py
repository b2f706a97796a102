"""Hypothesis strategies: small random instances with every feature of instances/MODEL.md, feasible most of the time.

Figures are small whole numbers, so that a counterexample can be checked by hand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st

from planner.domain.instance import (
    Caps,
    CarbonKind,
    Floats,
    HourMapRule,
    Instance,
    Ints,
    Job,
    Pool,
    Profile,
    Region,
    RequestLog,
    Variant,
    Vintages,
    Weights,
    Workload,
)

Draw = st.DrawFn
START = datetime(2026, 1, 1, tzinfo=UTC)
HARDWARE = ("small", "large")
ABOVE_IDLE_W = 300


@dataclass(frozen=True, slots=True)
class Features:
    """Which parts of the model an instance uses."""

    jobs: bool
    provisioning: bool
    soft: bool
    budget: bool
    variants: bool
    network: bool
    prices: bool
    caps: bool
    fleet: bool
    min_uptime: bool
    hour_map: bool
    unsplittable: bool
    slo: bool
    residency: bool
    vintages: bool
    request_log: bool


@st.composite
def features(draw: Draw, /, **fixed: bool | None) -> Features:
    """Every feature on or off; those given as True or False are fixed, None leaves them open."""
    unknown = set(fixed) - set(Features.__slots__)
    if unknown:
        raise TypeError(f"no such feature: {', '.join(sorted(unknown))}; known are {', '.join(Features.__slots__)}")
    chosen = {name: fixed.get(name) for name in Features.__slots__}
    drawn = {name: draw(st.booleans()) if on is None else on for name, on in chosen.items()}
    if fixed.get("hour_map") is None:  # coupling all of an hour to one region leaves little else to vary
        drawn["hour_map"] = drawn["hour_map"] and draw(st.integers(0, 3)) == 0
    return Features(**drawn)


@st.composite
def instances(
    draw: Draw,
    /,
    *,
    max_periods: int = 6,
    max_regions: int = 3,
    max_origins: int = 2,
    max_workloads: int = 2,
    max_requests: int = 6,
    **fixed: bool | None,
) -> Instance:
    """A random instance; a feature (see `Features`) given as True is always used, as False never, otherwise by chance.

    `soft` allows lateness and misses, `budget` uses (M11), `request_log` keeps to the count batches.
    """
    on = draw(features(**fixed))
    periods = draw(st.integers(1, max_periods))
    step = draw(st.sampled_from([60, 60, 30]))
    regions = draw(_regions(max_regions))
    origins = tuple(f"o{i}" for i in range(draw(st.integers(1, max_origins))))
    pools = draw(_pools(regions, on))
    workloads = draw(_workloads(regions, pools, on, max_workloads=max_workloads, periods=periods))
    counts = draw(_counts((len(workloads), len(origins), periods), max_requests))
    jobs = draw(_jobs(workloads, origins, periods)) if on.jobs else ()
    if not jobs and not counts.any():
        counts[0, 0, 0] = 1
    load = _load(workloads, counts, jobs)
    servers = draw(_servers(pools, load, step, on))
    carbon = draw(_table((len(regions), periods), 0, 500))
    return Instance(
        name="random",
        start=START,
        step_minutes=step,
        regions=regions,
        pools=pools,
        origins=origins,
        workloads=workloads,
        carbon_intensity_g_per_kwh=carbon,
        carbon_kind=CarbonKind(),
        rtt_ms=draw(_chosen((len(origins), len(regions)), (5, 30, 90, 150))),
        requests=counts,
        servers=servers,
        provisioning=on.provisioning,
        jitter_sd_ms=draw(st.sampled_from([0.0, 3.0])),
        jobs=jobs,
        fleet_limit=draw(_fleet_limit(servers)) if on.fleet and on.provisioning else None,
        price_usd_per_kwh=draw(_table((len(regions), periods), -1, 9)) / 10 if on.prices else None,
        network_kwh_per_gb=draw(_table((len(origins), len(regions)), 0, 5)) / 100 if on.network else None,
        vintages=draw(_vintages(carbon)) if on.vintages else None,
        request_log=_log(counts) if on.request_log else None,
        weights=draw(_weights(on)),
        grace_periods=draw(st.integers(1, 2)) if on.soft else 0,
        caps=draw(_caps(_most(load, carbon, servers, pools, step))) if on.caps else Caps(),
        hour_map=draw(_hour_map_rules()) if on.hour_map else None,
    )


@st.composite
def _regions(draw: Draw, most: int) -> tuple[Region, ...]:
    names = [f"r{i}" for i in range(draw(st.integers(1, most)))]
    return tuple(Region(n, f"zone-{n}", pue=draw(st.sampled_from([1.0, 1.1, 1.25]))) for n in names)


@st.composite
def _pools(draw: Draw, regions: Sequence[Region], on: Features) -> tuple[Pool, ...]:
    """One pool per region, sometimes a second one in the first region."""
    sites = [(r.name, HARDWARE[0]) for r in regions]
    if draw(st.booleans()):
        sites.append((regions[0].name, HARDWARE[1]))
    return tuple(
        Pool(
            name=f"{region}-{hardware}",
            region=region,
            hardware=hardware,
            idle_w=float(draw(st.sampled_from([0, 100]))),
            peak_w=draw(st.sampled_from([None, 100.0 + ABOVE_IDLE_W])),
            startup_wh=float(draw(st.sampled_from([0, 50]))),
            target_utilisation=draw(st.sampled_from([1.0, 0.75, 0.5])),
            initial_servers=draw(st.integers(0, 2)) if on.provisioning else 0,
            min_uptime_periods=draw(st.integers(2, 3)) if on.min_uptime else 1,
            embodied_g_per_server_hour=float(draw(st.sampled_from([0, 20]))),
            price_usd_per_server_hour=float(draw(st.sampled_from([0, 2]))) if on.prices else 0.0,
        )
        for region, hardware in sites
    )


@st.composite
def _workloads(
    draw: Draw, regions: Sequence[Region], pools: Sequence[Pool], on: Features, *, max_workloads: int, periods: int
) -> tuple[Workload, ...]:
    hardware = sorted({p.hardware for p in pools}, reverse=True)
    return tuple(
        Workload(
            name=f"w{w}",
            variants=tuple(draw(_variants(f"v{v}", hardware)) for v in range(draw(st.integers(1, 1 + on.variants)))),
            slack_periods=draw(st.integers(0, min(3, periods))),
            allowed_regions=draw(_allowed(regions)) if on.residency and not on.hour_map else None,
            bytes_in=float(draw(st.sampled_from([0, 10**9]))),
            bytes_out=float(draw(st.sampled_from([0, 10**9]))),
            splittable=not (on.unsplittable and draw(st.booleans())),
            **draw(_service_levels(on)),
        )
        for w in range(draw(st.integers(1, max_workloads)))
    )


@st.composite
def _variants(draw: Draw, name: str, hardware: Sequence[str]) -> Variant:
    """Runs on the first hardware, which every region has, and perhaps on the other."""
    used = hardware[: 1 + draw(st.booleans())]
    return Variant(name, {kind: draw(_profiles()) for kind in used})


@st.composite
def _profiles(draw: Draw) -> Profile:
    seconds = draw(st.sampled_from([300, 600, 900]))
    return Profile(
        service_ms_mean=float(draw(st.sampled_from([10, 40]))),
        service_ms_sd=float(draw(st.sampled_from([0, 5]))),
        server_seconds_per_request=float(seconds),
        energy_j_per_request=float(seconds * draw(st.integers(0, ABOVE_IDLE_W // 100)) * 100),
    )


@st.composite
def _allowed(draw: Draw, regions: Sequence[Region]) -> tuple[str, ...]:
    names = [r.name for r in regions]
    return tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True)))


@st.composite
def _service_levels(draw: Draw, on: Features) -> dict[str, Any]:
    limit = float(draw(st.sampled_from([100, 250])))
    if on.budget and draw(st.booleans()):
        return {"slo_ms": limit, "slo_mode": "budget", "slo_budget": draw(st.sampled_from([0.25, 0.5, 1.0]))}
    if not on.slo:
        return {}
    if on.hour_map or draw(st.booleans()):  # one region for all is rarely within everybody's hard limit
        return {"slo_ms": limit, "slo_mode": "priced"}
    return {"slo_ms": limit, "slo_mode": "hard", "max_violation": draw(st.sampled_from([0.0, 0.5]))}


@st.composite
def _counts(draw: Draw, shape: tuple[int, ...], most: int) -> Ints:
    cells = st.one_of(st.just(0), st.integers(0, most))
    return np.array(draw(_cells(shape, cells)), dtype=np.int64).reshape(shape)


@st.composite
def _jobs(draw: Draw, workloads: Sequence[Workload], origins: Sequence[str], periods: int) -> tuple[Job, ...]:
    found = []
    for i in range(draw(st.integers(1, 2))):
        length = draw(st.integers(1, min(3, periods)))
        release = draw(st.integers(0, periods - length))
        found.append(
            Job(
                name=f"job{i}",
                workload=draw(st.sampled_from(workloads)).name,
                origin=draw(st.sampled_from(origins)),
                release=release,
                deadline=draw(st.integers(release + length - 1, periods - 1)),
                length=length,
                contiguous=draw(st.booleans()),
                requests=draw(st.integers(1, 3)),
            )
        )
    return tuple(found)


def _load(workloads: Sequence[Workload], counts: Ints, jobs: Sequence[Job]) -> Floats:
    """(T,) server-seconds, if all ran at once in the variant and on the hardware that take longest."""
    longest = {
        w.name: max(p.server_seconds_per_request for v in w.variants for p in v.profiles.values()) for w in workloads
    }
    load = np.einsum("wot,w->t", counts, np.array([longest[w.name] for w in workloads]))
    for job in jobs:
        load[job.release : job.release + job.length] += job.requests * longest[job.workload] / job.length
    return np.asarray(load, dtype=np.float64)


@st.composite
def _servers(draw: Draw, pools: Sequence[Pool], load: Floats, step_minutes: int, on: Features) -> Floats:
    """(P,T) from an even share of the highest load, which often binds, to all of it; without limit now and then."""
    rows = []
    for pool in pools:
        all_of_it = math.ceil(load.max() / (60.0 * step_minutes * pool.target_utilisation))
        fewest = all_of_it if on.hour_map else math.ceil(all_of_it / len(pools))
        if not on.provisioning and draw(st.integers(0, 5)) == 0:
            rows.append(np.full(len(load), np.inf))
            continue
        steady = draw(st.booleans())
        numbers = draw(st.lists(st.integers(fewest, all_of_it + 1), min_size=len(load), max_size=len(load)))
        rows.append(np.array(numbers[:1] * len(load) if steady else numbers, dtype=np.float64))
    return np.array(rows)


@st.composite
def _fleet_limit(draw: Draw, servers: Floats) -> Floats:
    """(T,) between two thirds of all servers and all of them."""
    total = servers.sum(axis=0)
    return np.array([float(draw(st.integers(math.ceil(2 * n / 3), int(n)))) for n in total])


@st.composite
def _weights(draw: Draw, on: Features) -> Weights:
    return Weights(
        alpha=draw(st.sampled_from([1.0, 1.0, 0.5])),
        beta=draw(st.sampled_from([1.0, 2.0])),
        gamma=draw(st.sampled_from([0.0, 0.5])) if on.prices else 0.0,
        violation_weight=draw(st.sampled_from([0.0, 0.01])),
        tardiness_weight=draw(st.sampled_from([0.0, 0.02])) if on.soft else 0.0,
        miss_weight=draw(st.sampled_from([None, 0.05, 1.0])) if on.soft else None,
        carbon_price_usd_per_kg=draw(st.sampled_from([0.0, 0.1])) if on.prices else 0.0,
    )


def _most(load: Floats, carbon: Floats, servers: Floats, pools: Sequence[Pool], step_minutes: int) -> dict[str, float]:
    """What the dirtiest plan could use of every cap, roughly."""
    finite = float(servers[np.isfinite(servers)].sum())
    idle = finite * max(p.idle_w * step_minutes / 60 + p.startup_wh for p in pools) / 1000
    kwh = 1.25 * (float(load.sum()) * ABOVE_IDLE_W / 3.6e6 + idle) + 0.01
    return {
        "energy_kwh": kwh,
        "carbon_kg": kwh * carbon.max() / 1000 + finite / 50 + 1,
        "cost_usd": kwh + 2 * finite + 1,
    }


@st.composite
def _caps(draw: Draw, most: dict[str, float]) -> Caps:
    """One limit or more, between half and all of the most."""
    named = draw(st.lists(st.sampled_from(sorted(most)), min_size=1, max_size=3, unique=True))
    return Caps(**{name: round(most[name] * draw(st.sampled_from([0.5, 0.75, 1.0])), 6) for name in named})


@st.composite
def _hour_map_rules(draw: Draw) -> HourMapRule:
    return HourMapRule(
        max_switches=draw(st.sampled_from([None, 0, 1, 2])),
        min_dwell_periods=draw(st.integers(1, 3)),
        per_workload=draw(st.booleans()),
    )


@st.composite
def _vintages(draw: Draw, carbon: Floats) -> Vintages:
    """Issues at some periods; each is off the truth by whole numbers, and repeats the last value beyond the end."""
    regions, periods = carbon.shape
    issued = sorted(draw(st.sets(st.integers(0, periods - 1), min_size=1)))
    horizon = draw(st.integers(1, periods))
    at = np.minimum(np.add.outer(issued, np.arange(horizon)), periods - 1)
    noise = draw(_table((len(issued), regions, horizon), -20, 20))
    values = np.maximum(carbon[:, at].transpose(1, 0, 2) + noise, 0.0)
    return Vintages(issued=np.array(issued, dtype=np.int64), values=values)


def _log(counts: Ints) -> RequestLog:
    """Requests in order of period, then workload, then origin."""
    period, workload, origin = np.nonzero(counts.transpose(2, 0, 1))
    repeats = counts[workload, origin, period]
    return RequestLog(origin=np.repeat(origin, repeats), workload=np.repeat(workload, repeats))


@st.composite
def _table(draw: Draw, shape: tuple[int, ...], least: int, most: int) -> Floats:
    return np.array(draw(_cells(shape, st.integers(least, most))), dtype=np.float64).reshape(shape)


@st.composite
def _chosen(draw: Draw, shape: tuple[int, ...], values: Sequence[int]) -> Floats:
    return np.array(draw(_cells(shape, st.sampled_from(values))), dtype=np.float64).reshape(shape)


def _cells(shape: tuple[int, ...], cell: st.SearchStrategy[int]) -> st.SearchStrategy[list[int]]:
    return st.lists(cell, min_size=math.prod(shape), max_size=math.prod(shape))
