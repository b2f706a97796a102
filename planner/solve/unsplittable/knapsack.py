"""The multiple-choice knapsack of one cell, by dynamic programming over whole units of its capacity."""

import numpy as np

from planner.domain.instance import Bools, Floats, Ints

ROUNDING = 1e-9  # relative, of what two bounds may differ by


def fullest(value: Floats, weight: Ints, group: Ints, room: int) -> tuple[float, Ints]:
    """The most valuable items, at most one a group, that together weigh at most `room`: their value and positions.

    `group` (n,) is in order, values are positive. Items that no best choice holds are left out first; then O(n room)
    time and memory. Source: Martello and Toth, Knapsack Problems, 1990, 2.6; Ingargiola and Korsh 1973.
    """
    first = np.flatnonzero(np.diff(group, prepend=-1))
    if len(first) == len(group) and weight.sum() <= room:
        return float(value.sum()), np.arange(len(group))
    kept = np.flatnonzero(_promising(value, weight, first, room))
    worth, chosen = _filled(value[kept], weight[kept], group[kept], room)
    return worth, kept[chosen]


def _promising(value: Floats, weight: Ints, first: Ints, room: int) -> Bools:
    """(n,) items with which the Lagrangian of the room's price still comes to what is easily reached."""
    order = np.argsort(-value / np.maximum(weight, 1), kind="stable")
    last = min(int(np.searchsorted(np.cumsum(weight[order]), room, "right")), len(order) - 1)
    price = value[order[last]] / max(int(weight[order[last]]), 1)
    gain = value - price * weight
    best = np.maximum(np.maximum.reduceat(gain, first), 0.0)  # of each group
    sizes = np.diff(np.append(first, len(gain)))
    bound = price * room + best.sum()
    reached = _greedy(value[order], weight[order], np.repeat(np.arange(len(first)), sizes)[order], room)
    return np.asarray(bound - (np.repeat(best, sizes) - gain) >= reached - ROUNDING * bound)


def _greedy(value: Floats, weight: Ints, group: Ints, room: int) -> float:
    """What items in this order are worth, each taken that still fits."""
    worth, used = 0.0, set()
    for v, w, g in zip(value.tolist(), weight.tolist(), group.tolist(), strict=True):
        if w <= room and g not in used:
            worth, room = worth + v, room - w
            used.add(g)
    return worth


def _filled(value: Floats, weight: Ints, group: Ints, room: int) -> tuple[float, Ints]:
    """Item by item, for every room up to the whole; those of one group all start from the best of the groups before."""
    before = best = np.zeros(room + 1)
    taken, filled = np.zeros((len(value), room + 1), dtype=np.bool_), np.empty(room + 1)
    alone = np.diff(group, prepend=-1).astype(np.bool_) & np.diff(group, append=-1).astype(np.bool_)
    for i, w in enumerate(weight.tolist()):
        if not alone[i] and (i == 0 or group[i] != group[i - 1]):
            before = best.copy()
        source = best if alone[i] else before
        with_it = np.add(source[: room + 1 - w], value[i], out=filled[w:])
        np.greater(with_it, best[w:], out=taken[i, w:])
        np.maximum(with_it, best[w:], out=best[w:])
    return float(best[room]), _traced(taken, weight, group)


def _traced(taken: Bools, weight: Ints, group: Ints) -> Ints:
    """Back from the full room to the items that led there."""
    left = taken.shape[1] - 1
    found: list[int] = []
    for i in range(len(taken) - 1, -1, -1):
        if taken[i, left] and not (found and group[found[-1]] == group[i]):
            found.append(i)
            left -= int(weight[i])
    return np.array(found[::-1], dtype=np.int64)
