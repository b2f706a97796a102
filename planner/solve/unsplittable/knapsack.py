"""The multiple-choice knapsack of one cell, by dynamic programming over whole units of its capacity."""

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import Floats, Ints


def fullest(value: Floats, weight: Ints, group: Ints, room: int) -> tuple[float, Ints]:
    """The most valuable items, at most one a group, that together weigh at most `room`: their value and positions.

    `group` (n,) is in order. O(n room) time, O(groups room) memory. Source: Martello and Toth, Knapsack Problems, 1990,
    2.6.
    """
    first = np.flatnonzero(np.diff(group, prepend=-1))
    end = np.append(first[1:], len(group))
    if len(first) == len(group) and weight.sum() <= room:
        return float(value.sum()), np.arange(len(group))
    best, taken = np.zeros(room + 1), np.zeros((len(first), room + 1), dtype=np.int16)
    for g in range(len(first)):
        before, best = best, best.copy()
        for i in range(first[g], end[g]):
            filled = before[: room + 1 - weight[i]] + value[i]
            better = filled > best[weight[i] :]
            np.copyto(best[weight[i] :], filled, where=better)
            np.copyto(taken[g, weight[i] :], i - first[g] + 1, where=better)
    return float(best[room]), _traced(taken, first, weight)


def _traced(taken: NDArray[np.int16], first: Ints, weight: Ints) -> Ints:
    """Back from the full room to the items that led there."""
    left, found = taken.shape[1] - 1, []
    for g in range(len(first) - 1, -1, -1):
        if taken[g, left]:
            found.append(int(first[g] + taken[g, left] - 1))
            left -= int(weight[found[-1]])
    return np.array(found[::-1], dtype=np.int64)
