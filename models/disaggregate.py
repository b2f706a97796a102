"""A backlog solution into a plan per batch: earliest deadline first always meets every deadline (MODEL.md 5)."""

import numpy as np

from planner.domain.instance import Floats, Ints

SNAP = 1e-9  # relative to the largest amount: boundaries closer than this are one


def first_come_first_served(supply: Floats, demand: Floats) -> tuple[Ints, Ints, Floats]:
    """Match amounts in order: triples (index of supply, index of demand, amount).

    Both orders are by time, so with equal slack the earliest deadline goes first. The totals agree up to rounding.
    """
    served, asked = np.cumsum(supply), np.cumsum(demand)
    if not len(served) or not len(asked):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
    # not relative to the total: over a year a thousand-millionth of it would overload a period by 5e-6 of its load
    within = SNAP * max(1.0, float(demand.max()), float(supply.max()))
    served = _snapped(served * (asked[-1] / served[-1]), asked, within)
    edges = np.unique(np.concatenate([[0.0], served, asked]))
    middle = (edges[1:] + edges[:-1]) / 2
    return np.searchsorted(served, middle), np.searchsorted(asked, middle), np.diff(edges)


def _snapped(edges: Floats, targets: Floats, within: float) -> Floats:
    """Edges moved onto a target that lies within rounding: else crumbs would break releases and deadlines."""
    right = np.minimum(np.searchsorted(targets, edges), len(targets) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(np.abs(targets[left] - edges) < np.abs(targets[right] - edges), targets[left], targets[right])
    moved = np.where(np.abs(nearest - edges) <= within, nearest, edges)
    return np.asarray(np.maximum.accumulate(moved))
