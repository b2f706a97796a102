"""(C1): how many server-periods the demand that only some regions may serve needs within an interval."""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np

from planner.domain.instance import Floats
from planner.domain.results import Cut
from planner.verify.prices import pools_of
from planner.verify.site import Site
from planner.verify.sums import tally

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
    return math.fsum(float(work[first : max(last - wait + 1, first)].sum()) for wait, work in captive.items())


def _captive(site: Site, regions: frozenset[int]) -> Captive:
    """Demand with options in these regions only, by the longest it may wait; none where it may be missed."""
    if site.instance.weights.miss_weight is not None:
        return {}
    b, least = site.batches, _least_seconds(site, regions)[site.batches.workload, site.batches.origin]
    latest = np.minimum(b.deadline + site.instance.grace_periods, site.instance.periods - 1)
    wait = latest - b.release
    work = np.where(np.isfinite(least), least, 0.0) * b.requests
    return {
        int(k): tally(b.release[wait == k], work[wait == k], site.instance.periods) for k in np.unique(wait[work > 0])
    }


def _least_seconds(site: Site, regions: frozenset[int]) -> Floats:
    """(W,O) least server-seconds of a request; infinite where it may run outside these regions, or nowhere."""
    legal = site.legal
    inside = np.isin(site.region, list(regions))
    elsewhere = legal[:, :, ~inside].any(axis=(1, 2))
    seconds = np.where(legal, site.seconds[..., None], np.inf).min(axis=(1, 2))
    return np.where(elsewhere, np.inf, seconds)
