"""Which batches to free next: each kind draws some where the plan lies far above the bound."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.unsplittable.batches import WholeBatches
from planner.solve.unsplittable.incumbent import Incumbent
from planner.solve.unsplittable.prices import Prices, excess_of_batches, waste_of_rows

EVEN = 0.1  # of the chance is spread over everything: prices tell where the gap is, not where it can be closed


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a neighbourhood is drawn from: the plan, `excess` (B,) and `waste` (m,) of prices.py, the relaxed values.

    While rows are broken, `waste` is by how much, and `excess` what each batch has to do with it: nothing else matters.
    """

    whole: WholeBatches
    plan: Incumbent
    prices: Prices
    relaxed: Floats
    excess: Floats
    waste: Floats


Draw = Callable[[Scene, np.random.Generator, int], Ints]


def scene(whole: WholeBatches, plan: Incumbent, prices: Prices, relaxed: Floats) -> Scene:
    """Price a plan, or say where it is broken."""
    if plan.broken > 0:
        waste = whole.excess(plan.activity)
        batch, row = _loads(whole, plan)
        excess = np.bincount(batch, waste[row], len(whole)).astype(np.float64)
    else:
        waste = waste_of_rows(whole, prices, plan.activity)
        excess = excess_of_batches(whole, prices, plan.values)
    return Scene(whole=whole, plan=plan, prices=prices, relaxed=relaxed, excess=excess, waste=waste)


def window(scene: Scene, random: np.random.Generator, size: int) -> Ints:
    """The batches that run nearest to a period, drawn by the gap that lies in it."""
    batch, row = _loads(scene.whole, scene.plan)
    timed = scene.whole.period[row] >= 0
    batch, period = batch[timed], scene.whole.period[row[timed]]
    if not len(batch):
        return dearest(scene, random, size)
    at = np.flatnonzero(scene.whole.period >= 0)
    gap = np.bincount(scene.whole.period[at], scene.waste[at]).astype(np.float64)
    gap += np.bincount(period, scene.excess[batch], len(gap))
    seed = random.choice(len(gap), p=_chances(gap))
    far = np.full(len(scene.whole), np.inf)
    np.minimum.at(far, batch, np.abs(period - seed))
    return _lowest(far + random.uniform(size=len(far)), size)


def dearest(scene: Scene, random: np.random.Generator, size: int) -> Ints:
    """Batches drawn one by one by what they cost above the bound."""
    return _lowest(random.exponential(size=len(scene.whole)) / _chances(scene.excess), size)


def rivals(scene: Scene, random: np.random.Generator, size: int) -> Ints:
    """Some batches that cost more than they need, or break a row, and those that stand where they would rather be."""
    whole = scene.whole
    seeds = dearest(scene, random, max(1, size // 8))
    columns = whole.of(seeds)
    which, row, amount = whole.entries(columns)
    wanted = np.bincount(row, (_gain(scene, columns)[which] * amount), len(whole.program.row_lower)).astype(np.float64)
    wanted[whole.period < 0] = 0.0
    batch, row = _loads(scene.whole, scene.plan)
    inside = np.bincount(batch, wanted[row], len(whole)).astype(np.float64)
    order = random.exponential(size=len(whole)) / _chances(inside)
    order[seeds] = 0.0
    return _lowest(order, size)


def _gain(scene: Scene, columns: Ints) -> Floats:
    """What a batch would save on each column; where rows are broken any other place is as good as the next."""
    if scene.plan.broken > 0:
        return np.ones(len(columns))
    paid = (scene.excess + scene.prices.least)[scene.whole.batch[columns]]
    return np.maximum(paid - scene.prices.column[columns] / scene.whole.share[columns], 0.0)


def astray(scene: Scene, random: np.random.Generator, size: int) -> Ints:
    """Batches of which plan and relaxation differ (relaxation induced neighbourhood search, Danna et al. 2005)."""
    mine = scene.whole.columns
    apart = np.abs(scene.plan.values[mine] - scene.relaxed[mine]) * scene.whole.share[mine]
    off = np.bincount(scene.whole.batch[mine], apart, len(scene.whole)).astype(np.float64)
    return _lowest(random.exponential(size=len(off)) / _chances(off), size)


def _loads(whole: WholeBatches, plan: Incumbent) -> tuple[Ints, Ints]:
    """(batch, row) of everything that the plan's batches load."""
    mine = whole.columns
    used = mine[plan.values[mine] > 0.5]
    which, row, _ = whole.entries(used)
    return whole.batch[used[which]], row


def _chances(weight: Floats) -> Floats:
    """Probabilities in proportion to the weights, a part of them even."""
    even = np.full(len(weight), 1.0 / len(weight))
    total = float(weight.sum())
    return even if total <= 0 else (1 - EVEN) * weight / total + EVEN * even


def _lowest(order: Floats, size: int) -> Ints:
    return np.sort(np.argsort(order, kind="stable")[:size])


MENDING = ("window", "rivals")  # while rows are broken: the kinds that reach what stands in the way
KINDS: dict[str, Draw] = {"window": window, "rivals": rivals, "astray": astray, "dearest": dearest}
