"""(C1) interval rounding cuts, separated: demand that only some regions may serve needs whole servers there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Options
from planner.domain.results import Cut

MOST_SETS = 128
LEAST_ROUNDING = 0.02  # a cut that rounds up by less is left out (MODEL.md 6)
FLOAT_GUARD = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class RegionSet:
    """A set S of regions; `needed[a, k]`: servers (before rounding) that its captive demand of periods a..a+k takes."""

    regions: tuple[int, ...]
    pools: Ints
    needed: Floats

    @property
    def whole(self) -> Floats:
        """The right-hand side of (C1)."""
        return np.asarray(np.ceil(self.needed - FLOAT_GUARD * np.maximum(1, self.needed)))


@dataclass(frozen=True, slots=True, eq=False)
class _Captive:
    """Batches that must be served on time, by their set of regions: least load (server-seconds), release, deadline."""

    regions: frozenset[int]
    load: Floats
    release: Ints
    deadline: Ints


def region_sets(options: Options, *, open_end: bool = False) -> tuple[RegionSet, ...]:
    """The classes' own region sets and unions of overlapping ones, each with its interval needs.

    `open_end`: what is due after the last period may wait beyond it, and is not counted.
    """
    instance = options.instance
    if not instance.provisioning or instance.weights.miss_weight is not None or instance.grace_periods > 0:
        return ()
    captives = _captives(options, open_end=open_end)
    reach = _reach(captives, instance.periods)
    sets = _unions([c.regions for c in captives])
    region, capacity = instance.pool_region, options.server_capacity
    out = []
    for chosen in sets:
        pools = np.flatnonzero(np.isin(region, list(chosen)))
        seconds = _interval_loads([c for c in captives if c.regions <= chosen], instance, reach)
        out.append(RegionSet(tuple(sorted(chosen)), pools, seconds / capacity[pools].max()))
    return tuple(out)


def _captives(options: Options, *, open_end: bool) -> list[_Captive]:
    instance, site = options.instance, options.routes
    batches = instance.batches()
    slack = np.array([w.slack_periods for w in instance.workloads], dtype=np.int64)[batches.workload]
    due = ~((batches.release + slack >= instance.periods) & (batches.job < 0) & open_end)
    found: dict[frozenset[int], list[NDArray[np.float64]]] = {}
    for w, o in sorted(set(zip(batches.workload.tolist(), batches.origin.tolist(), strict=True))):
        route = np.flatnonzero((site.workload == w) & site.feasible[o])
        at = (batches.workload == w) & (batches.origin == o) & due
        if not (len(route) and at.any()):
            continue
        load = batches.requests[at] * site.server_seconds[route].min()
        found.setdefault(frozenset(site.region[route].tolist()), []).append(
            np.stack([load, batches.release[at].astype(float), batches.deadline[at].astype(float)])
        )
    joined = {regions: np.concatenate(parts, axis=1) for regions, parts in found.items()}
    return [_Captive(s, x[0], x[1].astype(np.int64), x[2].astype(np.int64)) for s, x in joined.items()]


def _reach(captives: list[_Captive], periods: int) -> int:
    """Intervals reach twice as far as the longest wait, a day at least: longer ones were never violated by more."""
    longest = max((int((c.deadline - c.release).max()) for c in captives), default=0)
    return min(periods, max(2 * (longest + 1), 24))


def _unions(sets: list[frozenset[int]]) -> list[frozenset[int]]:
    known = list(dict.fromkeys(sets))
    for a in known:  # grows while it is walked: unions of unions come too
        for b in list(known):
            union = a | b
            if a & b and union not in known and len(known) < MOST_SETS:
                known.append(union)
    return known


def _interval_loads(captives: list[_Captive], instance: Instance, reach: int) -> Floats:
    """(T, reach) server-seconds released at a or later and due by a + k."""
    periods = instance.periods
    table = np.zeros((periods, reach))  # [release, wait]
    for c in captives:
        wait = c.deadline - c.release
        short = wait < reach
        np.add.at(table, (c.release[short], wait[short]), c.load[short])
    table = np.cumsum(table, axis=1)
    out = np.zeros((periods + 1, reach))
    for a in range(periods - 1, -1, -1):
        # the interval a..a+k holds that of a+1..a+k and what is released in a and waits at most k
        out[a] = table[a]
        out[a, 1:] += out[a + 1, :-1]
    return out[:periods]


def violated_cuts(sets: tuple[RegionSet, ...], servers: Floats, *, most: int) -> list[Cut]:
    """The cuts that `servers` (P,T) break most, one per set and first period, at most `most`."""
    candidates = [found for s in sets for found in _candidates(s, servers)]
    candidates.sort(key=lambda x: (-x[0], x[1].regions, x[1].first))
    return [cut for _, cut in candidates[:most]]


def _candidates(s: RegionSet, servers: Floats) -> list[tuple[float, Cut]]:
    """The most violated interval from each first period on, with its shortage."""
    shortage = _shortage(s, servers)
    last = shortage.argmax(axis=1)
    worst = shortage.max(axis=1)
    return [(float(worst[a]), Cut(s.regions, a, a + int(last[a]))) for a in np.flatnonzero(worst > 1e-5).tolist()]


def _shortage(s: RegionSet, servers: Floats) -> Floats:
    """(T, reach) whole servers needed less those there; 0 where rounding gains little or the horizon ends."""
    periods, reach = s.needed.shape
    total = np.concatenate([[0.0], np.cumsum(servers[s.pools].sum(axis=0))])
    first, length = np.arange(periods)[:, None], np.arange(reach)[None, :]
    inside = first + length < periods
    there = total[np.minimum(first + length + 1, periods)] - total[first]
    whole = s.whole
    return np.asarray(np.where(inside & (whole - s.needed >= LEAST_ROUNDING), whole - there, 0.0))


def cut_row(sets: tuple[RegionSet, ...], cut: Cut, y: Ints, periods: int) -> tuple[Ints, float]:
    """Column numbers (coefficient 1) and right-hand side of one cut; `y` are the server columns, pool by pool."""
    chosen = next(s for s in sets if s.regions == cut.regions)
    columns = y.reshape(-1, periods)[chosen.pools, cut.first : cut.last + 1].ravel()
    return columns, float(chosen.whole[cut.first, cut.last - cut.first])
