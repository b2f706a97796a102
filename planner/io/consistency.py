"""What must hold between the parts of an instance; every message has the JSON pointer of its file."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from planner.domain.instance import Instance, Job, Pool, Variant, Workload
from planner.errors import InvalidInput
from planner.io.pointer import one_of, pointer
from planner.io.schema import InstanceDocument

Problems = Iterator[InvalidInput]
DAY_MINUTES = 1440


def check(instance: Instance) -> None:
    """InvalidInput for the first thing that contradicts another."""
    for problem in chain.from_iterable(rule(instance) for rule in RULES):
        raise problem


def check_axes(document: InstanceDocument) -> None:
    """InvalidInput unless names are unique and periods divide a day: what reading the arrays relies on."""
    for problem in chain(_names(document), _clock(document)):
        raise problem


def _names(document: InstanceDocument) -> Problems:
    lists = {
        "regions": [r.name for r in document.regions],
        "pools": [p.name for p in document.pools],
        "origins": list(document.origins),
        "workloads": [w.name for w in document.workloads],
        "jobs": [j.name for j in document.jobs],
    }
    for key, names in lists.items():
        suffix = () if key == "origins" else ("name",)
        yield from _unique(names, lambda i, key=key, suffix=suffix: pointer(key, i, *suffix))  # type: ignore[misc]
    for w, workload in enumerate(document.workloads):
        variants = [v.name for v in workload.variants]
        yield from _unique(variants, lambda i, w=w: pointer("workloads", w, "variants", i, "name"))  # type: ignore[misc]


def _unique(names: Sequence[str], where: Callable[[int], str]) -> Problems:
    for i, name in enumerate(names):
        if name in names[:i]:
            yield InvalidInput(where(i), f"the name '{name}' again", "a name that no other has")


def _clock(document: InstanceDocument) -> Problems:
    if DAY_MINUTES % document.step_minutes:
        yield InvalidInput("/step_minutes", str(document.step_minutes), "a divisor of a day (1440 minutes)")


def _pools(instance: Instance) -> Problems:
    regions = [r.name for r in instance.regions]
    for i, pool in enumerate(instance.pools):
        yield from _known(pool.region, regions, "region", pointer("pools", i, "region"))
        if pool.peak_w is not None and pool.peak_w < pool.idle_w:
            found = f"{pool.peak_w:g} W, below idle_w"
            yield InvalidInput(pointer("pools", i, "peak_w"), found, f"at least idle_w, {pool.idle_w:g} W")


def _known(name: str, names: Sequence[str], kind: str, where: str) -> Problems:
    if name not in names:
        yield InvalidInput(where, f"the {kind} '{name}'", one_of(names, name))


def _workloads(instance: Instance) -> Problems:
    regions = [r.name for r in instance.regions]
    for w, work in enumerate(instance.workloads):
        for i, region in enumerate(work.allowed_regions or ()):
            yield from _known(region, regions, "region", pointer("workloads", w, "allowed_regions", i))
        yield from _unique(work.allowed_regions or (), lambda i, w=w: pointer("workloads", w, "allowed_regions", i))  # type: ignore[misc]
        yield from _service_level(work, w)


def _service_level(work: Workload, w: int) -> Problems:
    if work.slo_mode == "budget" and work.slo_budget is None:
        yield InvalidInput(pointer("workloads", w, "slo_budget"), "nothing", "a share, as slo_mode is 'budget'")
    if work.slo_mode != "hard" and work.slo_ms is None:
        yield InvalidInput(pointer("workloads", w, "slo_ms"), "nothing", f"a limit, as slo_mode is '{work.slo_mode}'")
    if work.max_violation > 0 and (work.slo_mode != "hard" or work.slo_ms is None):
        found = f"{work.max_violation:g} without a hard SLO"
        where = pointer("workloads", w, "max_violation")
        yield InvalidInput(where, found, "slo_mode 'hard' and slo_ms beside it, or no max_violation")


def _profiles(instance: Instance) -> Problems:
    hardware = sorted({p.hardware for p in instance.pools})
    for w, work in enumerate(instance.workloads):
        for v, variant in enumerate(work.variants):
            where = pointer("workloads", w, "variants", v, "profiles")
            for name in variant.profiles:
                yield from _known(name, hardware, "hardware", where + pointer(name))
            if instance.provisioning:
                yield from _power(instance.pools, variant, where)


def _power(pools: Sequence[Pool], variant: Variant, where: str) -> Problems:
    """(O2): e / s, the power above idle, may not exceed what the server has between idle and peak."""
    for pool in pools:
        profile = variant.profiles.get(pool.hardware)
        if profile is None or pool.peak_w is None:
            continue
        most = (pool.peak_w - pool.idle_w) * profile.server_seconds_per_request
        if profile.energy_j_per_request > most * (1 + 1e-9):
            found = f"{profile.energy_j_per_request:g} J in {profile.server_seconds_per_request:g} server-seconds"
            room = f"at most {most:g} J, as pool '{pool.name}' has {pool.peak_w - pool.idle_w:g} W above idle"
            remedy = "give the energy above idle"
            yield InvalidInput(where + pointer(pool.hardware, "energy_j_per_request"), found, f"{room} ({remedy})")


def _servers(instance: Instance) -> Problems:
    for p, pool in enumerate(instance.pools):
        row = instance.servers[p]
        if instance.provisioning and not np.isfinite(row).all():
            found = "no number of servers"
            yield InvalidInput("/servers" + pointer(pool.name), found, "one for every pool, as provisioning is true")
        if np.isinf(row).any() and not np.isinf(row).all():
            yield InvalidInput("/servers" + pointer(pool.name), "a limit in some periods only", "one in all, or none")
    if instance.fleet_limit is not None and not instance.provisioning:
        yield InvalidInput("/fleet_limit", "a limit without provisioning", "provisioning true, or no fleet_limit (M3b)")


def _jobs(instance: Instance) -> Problems:
    workloads = [w.name for w in instance.workloads]
    for i, job in enumerate(instance.jobs):
        yield from _known(job.workload, workloads, "workload", pointer("jobs", i, "workload"))
        yield from _known(job.origin, instance.origins, "origin", pointer("jobs", i, "origin"))
        yield from _span(job, i, instance.periods)


def _span(job: Job, i: int, periods: int) -> Problems:
    if job.deadline >= periods:
        yield InvalidInput(pointer("jobs", i, "deadline"), str(job.deadline), f"at most {periods - 1}, the last period")
    if job.release > job.deadline:
        found = f"{job.release}, after the deadline"
        yield InvalidInput(pointer("jobs", i, "release"), found, f"at most {job.deadline}")
    room = job.deadline - job.release + 1
    if job.length > room:
        found = f"{job.length} periods"
        yield InvalidInput(pointer("jobs", i, "length"), found, f"at most {room}, from release to deadline")


def _demand(instance: Instance) -> Problems:
    if not instance.requests.any() and not instance.jobs:
        yield InvalidInput("/requests", "no request and no job", "at least one")


RULES = (_pools, _workloads, _profiles, _servers, _jobs, _demand)
