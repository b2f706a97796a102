"""Rows that are alike to a rule: planned as one, told apart again after."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.options import Routes
from planner.policies.menus import menus


@lru_cache(maxsize=16)
def kinds(site: Routes, workloads: int) -> Ints:
    """(W,O) equal numbers where routes are the same, and what they cost at any hour."""
    menu = menus(site, workloads)
    costs = (site.network_kwh, site.violation * site.violation_price[site.workload])
    of_line = [np.where(menu.feasible, cost.reshape(-1)[menu.cell], np.inf) for cost in costs]
    _, kind = np.unique(np.concatenate([menu.route, *of_line], axis=1), axis=0, return_inverse=True)
    return np.asarray(kind).reshape(workloads, -1)


@lru_cache(maxsize=16)
def firsts(site: Routes, workloads: int) -> tuple[Ints, Ints]:
    """Workload and origin of the first of each kind, kinds in ascending order."""
    kind = kinds(site, workloads)
    workload, origin = np.unravel_index(np.unique(kind, return_index=True)[1], kind.shape)
    return workload, origin


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """C classes in the order of their first rows: `first` (C,) row of each, `of` (n,) the class of each row.

    `size` (n,) is the amount of each row, `sizes` (C,) that of each class.
    """

    first: Ints
    of: Ints
    size: Floats
    sizes: Floats

    def rows(self, piece: Ints, part: Floats) -> tuple[Ints, Ints, Floats]:
        """Parts of classes -> of which rows they are made, first rows first: columns row, piece's position, share."""
        if not len(piece):
            return piece, piece, part
        order, at = self.of.argsort(kind="stable"), piece.argsort(kind="stable")
        row_end, amount = self.size[order].cumsum(), (part * self.sizes[piece])[at]
        before = np.concatenate([[0.0], self.sizes.cumsum()])[piece[at]]
        placed = amount.cumsum()
        earlier = np.searchsorted(piece[at], piece[at])  # the first piece of the same class
        begin = before + placed - amount - (placed - amount)[earlier]
        edges = np.unique(np.concatenate([row_end, begin, begin + amount]))
        middle = (edges[1:] + edges[:-1]) / 2
        which = np.searchsorted(begin, middle, side="right") - 1
        row = order[np.minimum(np.searchsorted(row_end, middle, side="right"), len(order) - 1)]
        inside = (which >= 0) & (middle < (begin + amount)[which])
        inside &= self.of[row] == piece[at[which]]  # by rounding, a full class ends a little late
        row = row[inside]
        return row, at[which[inside]], np.diff(edges)[inside] / self.size[row]


def classes(size: Floats, *keys: Ints) -> Classes:
    """Classes of rows whose keys (n,), whole numbers from 0 on, are all equal."""
    code = np.zeros(len(size), dtype=np.int64)
    for key in keys:
        code = code * (int(key.max(initial=0)) + 1) + key
    _, first, of = np.unique(code, return_index=True, return_inverse=True)
    order = first.argsort()
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    sizes = np.zeros(len(first))
    np.add.at(sizes, rank[of], size)
    return Classes(first[order], rank[of], size, sizes)
