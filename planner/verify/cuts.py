"""(C1): how many server-periods the demand that only some regions may serve needs within an interval."""

import math
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import Cut
from planner.verify.prices import pools_of
from planner.verify.site import Site

GUARD = 1e-9  # float noise must not lift a ceiling
Captive = dict[int, Floats]  # wait -> (T,) server-seconds by release


def right_hand_sides(site: Site, cuts: tuple[Cut, ...]) -> Iterator[int]:
    """ceil(Q / (3600 D rho)) of every cut, rho the largest in its regions."""
    captive = cache(lambda regions: _captive(site, regions))
    for cut in cuts:
        pools = pools_of(site, cut)
        seconds = _within(captive(frozenset(cut.regions)), cut.first, cut.last)
        servers = seconds / float(site.seconds_per_server[pools].max()) if len(pools) else 0.0
        yield math.ceil(servers - GUARD * max(1.0, servers))


def _within(captive: Captive, first: int, last: int) -> float:
    """Server-seconds released at `first` or later that must be done by `last`."""

    def due(wait: int, work: Floats) -> Floats:
        # at the end of the horizon all is due, however long it might have waited
        return work[first:] if last == len(work) - 1 else work[first : max(last - wait + 1, first)]

    return math.fsum(float(due(wait, work).sum()) for wait, work in captive.items())


def _captive(site: Site, regions: frozenset[int]) -> Captive:
    """Demand with options in these regions only, by the longest it may wait; none where it may be missed."""
    captive: Captive = defaultdict(lambda: np.zeros(site.instance.periods))
    if site.instance.weights.miss_weight is not None:
        return captive
    least, grace, jobs = _least_seconds(site, regions), site.instance.grace_periods, site.jobs
    for w in np.flatnonzero(least.any(axis=1)).tolist():
        captive[site.instance.workloads[w].slack_periods + grace] += least[w] @ site.instance.requests[w]
    work = least[jobs.workload, jobs.origin] * jobs.requests
    for j in np.flatnonzero(work).tolist():
        captive[int(jobs.deadline[j] - jobs.release[j]) + grace][jobs.release[j]] += work[j]
    return captive


def _least_seconds(site: Site, regions: frozenset[int]) -> Floats:
    """(W,O) least server-seconds of a request; 0 where it may run outside these regions, or nowhere."""
    legal = site.legal
    inside = np.isin(site.region, list(regions))
    elsewhere = legal[:, :, ~inside].any(axis=(1, 2))
    seconds = np.where(legal, site.seconds[..., None], np.inf).min(axis=(1, 2))
    return np.where(elsewhere | np.isinf(seconds), 0.0, seconds)
