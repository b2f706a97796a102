"""(M1): every batch is served or, where that is allowed, missed."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.plan import Plan
from planner.domain.results import FEASIBILITY, Violation
from planner.verify.served import index_within, sane, trimmed
from planner.verify.site import Site
from planner.verify.sums import tally
from planner.verify.words import batch_name, listed


def coverage(site: Site, plan: Plan) -> Iterator[Violation]:
    """Served and missed shares of each batch sum to 1; what a share is spent on does not matter here."""
    missed_batch, missed_share = trimmed(plan.missed_batch, plan.missed_share)
    covered = _by_batch(site, *trimmed(plan.batch, plan.share)) + _by_batch(site, missed_batch, missed_share)

    def describe(b: int) -> tuple[str, str, float]:
        return batch_name(site, b), f"served and missed shares sum to {covered[b]:.9g}, not 1", abs(covered[b] - 1.0)

    yield from listed("M1", np.flatnonzero(np.abs(covered - 1.0) > FEASIBILITY), describe)
    yield from _misses(site, missed_batch, missed_share)


def _by_batch(site: Site, batch: Ints, share: Floats) -> Floats:
    kept = index_within(batch, len(site.batches)) & sane(share)
    return tally(batch[kept].astype(np.int64), share[kept], len(site.batches))


def _misses(site: Site, batch: Ints, share: Floats) -> Iterator[Violation]:
    most = 0.0 if site.instance.weights.miss_weight is None else 1.0
    known = index_within(batch, len(site.batches))
    excess = np.where(sane(share), np.maximum(share - most, -share), np.inf)

    def describe(i: int) -> tuple[str, str, float]:
        return batch_name(site, int(batch[i])), f"missed share {share[i]:g} is not in [0, {most:g}]", float(excess[i])

    return listed("M1", np.flatnonzero(known & (excess > FEASIBILITY)), describe)
