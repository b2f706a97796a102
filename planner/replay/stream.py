"""The single requests behind the counts."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Instance, Ints
from planner.errors import UsageError

MOST = 20_000_000  # requests that a machine of 8 GB holds


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Every request of an instance, jobs left out, as columns of length n in the order of release.

    `batch` is the number of its batch in `Instance.batches()`, `rank` its place among the `size` requests of that.
    """

    workload: Ints
    origin: Ints
    release: Ints
    batch: Ints
    rank: Ints
    size: Ints

    def __len__(self) -> int:
        return len(self.workload)


def stream(instance: Instance) -> Stream:
    """The request log in its own order; without one the counts, expanded by (period, workload, origin).

    UsageError: more requests than can be replayed one by one.
    """
    counts = instance.requests.transpose(2, 0, 1)
    total = int(counts.sum())
    if total > MOST:
        raise UsageError(f"{total:,} requests are too many to replay one by one (at most {MOST:,}): take fewer hours")
    release = np.repeat(np.arange(instance.periods), counts.sum(axis=(1, 2)))
    log = instance.request_log
    if log is None:
        cell = np.repeat(np.arange(counts.size), counts.ravel())
        _, workload, origin = np.unravel_index(cell, counts.shape)
    else:
        workload, origin = log.workload, log.origin
    number = np.full(instance.requests.shape, -1)
    number[instance.requests > 0] = np.arange(np.count_nonzero(instance.requests))
    batch = number[workload, origin, release]
    return Stream(
        workload=workload,
        origin=origin,
        release=release,
        batch=batch,
        rank=_rank(batch),
        size=instance.requests[workload, origin, release],
    )


def _rank(batch: Ints) -> Ints:
    """(n,) how many requests of the same batch come before."""
    order = np.argsort(batch, kind="stable")
    ordered = batch[order]
    rank = np.empty_like(batch)
    rank[order] = np.arange(len(batch)) - np.searchsorted(ordered, ordered)
    return rank
