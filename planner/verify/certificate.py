"""A claimed bound: its multipliers are finite, of the right sign and shape, and prove what is claimed."""

import math
from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.results import CLAIM, Cut, Multipliers, Violation
from planner.verify.totals import CAPS
from planner.verify.words import listed


def multiplier_faults(instance: Instance, multipliers: Multipliers) -> Iterator[Violation]:
    """Why these multipliers prove nothing."""
    shapes = {"capacity": instance.servers.shape, "slo": (len(instance.workloads),), "fleet": (instance.periods,)}
    for name, shape in shapes.items():
        if (table := getattr(multipliers, name)) is not None:
            yield from _table(name, table, shape)
    if multipliers.batches is not None:
        yield from _table("batches", multipliers.batches, instance.requests.shape, signed=True)
    for name, nu in multipliers.caps.items():
        if name not in CAPS:
            yield Violation("multiplier", f"caps {name}", f"no such cap; there are {', '.join(CAPS)}", 1.0)
        yield from _table(f"caps {name}", np.array(nu, dtype=np.float64), ())
    for i, cut in enumerate(multipliers.cuts):
        yield from _cut(f"cut {i}", cut, instance)


def _table(name: str, table: Floats, shape: tuple[int, ...], *, signed: bool = False) -> Iterator[Violation]:
    if table.shape != shape:
        yield Violation("multiplier", name, f"shape {table.shape}, expected {shape}", 1.0)
        return
    flat = np.ravel(table)
    fault = "is not finite" if signed else "is negative or not finite"

    def describe(i: int) -> tuple[str, str, float]:
        where = f"{name} {[int(x) for x in np.unravel_index(i, shape)]}" if shape else name
        excess = -float(flat[i]) if np.isfinite(flat[i]) else math.inf
        return where, f"{flat[i]:g} {fault}", excess

    yield from listed("multiplier", np.flatnonzero(~(np.isfinite(flat) & (signed | (flat >= 0)))), describe)


def _cut(name: str, cut: Cut, instance: Instance) -> Iterator[Violation]:
    yield from _table(name, np.array(cut.multiplier, dtype=np.float64), ())
    if not all(0 <= r < len(instance.regions) for r in cut.regions):
        yield Violation("multiplier", name, f"regions {cut.regions}, there are {len(instance.regions)}", 1.0)
    if not 0 <= cut.first <= cut.last < instance.periods:
        yield Violation("multiplier", name, f"interval {cut.first}..{cut.last} outside 0..{instance.periods - 1}", 1.0)


def bound_claim(claimed: float, proven: float | None) -> Iterator[Violation]:
    """A claimed bound is at most the recomputed one; without multipliers nothing is proven."""
    if proven is None:
        yield Violation("bound", "bound", f"{claimed:.12g} claimed without multipliers that prove it", math.inf)
    elif not claimed <= proven + CLAIM * (abs(proven) if math.isfinite(proven) else 0.0):
        yield Violation("bound", "bound", f"{claimed:.12g} claimed, {proven:.12g} proven", claimed - proven)
