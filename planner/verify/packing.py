"""A 0/1 knapsack of groups, outward rounded: what fits into a cell's capacity, at most one item of a batch."""

import numpy as np

from planner.domain.instance import Floats, Ints

GRID = 100_000  # units of a cell's capacity


def best_value(batch: Ints, value: Floats, units: Ints) -> float:
    """At least the most that items of GRID units together are worth, at most one of a batch.

    Those of a batch stand together, the most valuable first; `value` (I,) is positive, `units` (I,) within 0..GRID.
    """
    first = np.flatnonzero(np.diff(batch, prepend=-1))
    if units[first].sum() <= GRID:  # every batch can have the best of its own
        worth = float(value[first].sum())
    else:
        worth = _programme(np.split(value, first[1:]), np.split(units, first[1:]))
    return worth * (1.0 + (len(first) + 2) * 2.0**-52)  # a sum of so many errs by less


def _programme(values: list[Floats], units: list[Ints]) -> float:
    """The most by dynamic programming: `best[k]` is what k units can earn of the batches so far."""
    best = np.zeros(GRID + 1)
    for worth, weight in zip(values, units, strict=True):
        before = best.copy()
        for v, k in zip(worth.tolist(), weight.tolist(), strict=True):
            np.maximum(best[k:], before[: GRID + 1 - k] + v, out=best[k:])
    return float(best[-1])
