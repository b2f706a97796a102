"""Where each period's requests may be served: residency, hardware, hard SLO and a pool that has servers."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Bools, Instance, Ints
from planner.domain.options import Routes, routes
from planner.errors import Infeasible

SHOWN = 3  # clashing needs that a message spells out
Need = tuple[str, str, frozenset[str]]  # workload, origin, regions that may serve it


def allowed_regions(instance: Instance, *, per_workload: bool = False) -> Bools:
    """(M,R,T) whether a region may serve every origin of each map's workloads that has requests released in a period.

    M is 1, or W with a map per workload. A period without requests allows every region that some route reaches.
    """
    site, asks = routes(instance), _asks(instance)
    return np.array([_allowed(instance, site, asks, group) for group in _groups(instance, per_workload=per_workload)])


def refuse_closed_periods(instance: Instance, allowed: Bools) -> None:
    """Raise Infeasible, naming the workloads and origins that clash, where a map has a period without a region.

    `allowed` (M,R,T) is what `allowed_regions` answered.
    """
    groups = _groups(instance, per_workload=len(allowed) > 1)
    closed = [np.flatnonzero(~regions.any(axis=0)) for regions in allowed]
    clashes = [_clash(instance, group, periods) for group, periods in zip(groups, closed, strict=True) if len(periods)]
    if clashes:
        raise Infeasible(tuple(clashes))


def _groups(instance: Instance, *, per_workload: bool) -> list[list[int]]:
    every = list(range(len(instance.workloads)))
    return [[w] for w in every] if per_workload else [every]


def _asks(instance: Instance) -> Bools:
    """(W,O,T) whether requests are released; a job asks in every period that it lasts from its release on."""
    asks = instance.requests > 0
    workloads = [w.name for w in instance.workloads]
    for job in instance.jobs:
        lasts = slice(job.release, job.release + job.length)
        asks[workloads.index(job.workload), instance.origins.index(job.origin), lasts] = True
    return asks


def _allowed(instance: Instance, site: Routes, asks: Bools, workloads: list[int]) -> Bools:
    """(R,T) the regions of one map."""
    shape = instance.carbon_intensity_g_per_kwh.shape
    refused, reached = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for w in workloads:
        for r in range(shape[0]):
            serves = _serves(instance, site, w, r)
            refused[r] |= (asks[w] & ~serves).any(axis=0)
            reached[r] |= serves.any(axis=0)
    return np.asarray(reached & ~refused)


def _serves(instance: Instance, site: Routes, workload: int, region: int) -> Bools:
    """(O,T) whether a region may serve a workload's origins."""
    kept = np.flatnonzero((site.workload == workload) & (site.region == region))
    has_servers = instance.servers[site.pool[kept]] > 0
    return np.asarray((site.feasible[:, kept, None] & has_servers).any(axis=1))


def _clash(instance: Instance, workloads: list[int], closed: Ints) -> str:
    """The narrowest needs of the first closed period, in words."""
    needs = list(_needs(instance, workloads, int(closed[0])))
    by_regions = {regions: (w, o) for w, o, regions in reversed(needs)}  # the first to need just these
    narrow = [(*who, r) for r, who in reversed(by_regions.items()) if not any(other < r for other in by_regions)]
    said = [f"{w} from {o} may be served in {{{', '.join(sorted(r))}}}" for w, o, r in narrow[:SHOWN]]
    more = [f"and {len(narrow) - SHOWN} more"] if len(narrow) > SHOWN else []
    count = f" ({len(closed)} such periods)" if len(closed) > 1 else ""
    time = instance.time(int(closed[0])).strftime("%Y-%m-%d %H:%M")
    what = f"no region may serve all that is released at {time} UTC: {', '.join(said + more)}{count}"
    return f"hour map (M10): {what}; {_remedy(instance, workloads)}"


def _remedy(instance: Instance, workloads: list[int]) -> str:
    ways = ["widen allowed_regions or the SLO"]
    ways += ["give each workload a map (--per-workload)"] if len(workloads) > 1 else []
    hard = any(instance.workloads[w].slo_ms and instance.workloads[w].slo_mode == "hard" for w in workloads)
    ways += ["set the SLOs aside (--ignore-slo)"] if hard else []
    return ", or ".join(ways)


def _needs(instance: Instance, workloads: list[int], period: int) -> Iterator[Need]:
    """Of everything released in a period: who asks, and which regions may serve it."""
    site, asks = routes(instance), _asks(instance)
    for w in workloads:
        serves = [_serves(instance, site, w, r)[:, period] for r in range(len(instance.regions))]
        for o in np.flatnonzero(asks[w, :, period]):
            names = frozenset(x.name for x, able in zip(instance.regions, serves, strict=True) if able[o])
            yield instance.workloads[w].name, instance.origins[o], names
