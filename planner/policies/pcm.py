"""Pseudo-cost minimisation: the more is left to do, the cleaner an hour must be."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import lambertw

from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.bounds_seen import bounds_seen
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked
from planner.policies.reach import last_rank, lowest, reachable

CRUMB = 1e-6  # of a batch


def ratio(low: Floats, high: Floats, *, move: float = 0.0, switch: float = 0.0) -> Floats:
    """Eta, the best competitive ratio for unit costs in [low, high], infinite where low is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steady = (high - move) / high
        argument: Any = (move + low - high + 2 * switch) / high * np.exp(-steady)
        bent = np.real(lambertw(argument))
        return np.asarray(np.where(low > 0, 1 / (steady + bent), np.inf))


@dataclass(frozen=True)
class Psi:
    """Psi(w) = U - tau + (U/eta - U + D + tau) exp(w/eta), as in the authors' code; arrays that broadcast.

    Psi(1) is L + D, and L + D + tau (1 + exp(1/eta)) with a switching cost: without the last "+ tau" in psi it would be
    L + D + tau. Where L = 0 or U - L <= D no threshold helps: everything is worth serving.
    """

    low: Floats
    high: Floats
    eta: Floats
    move: float = 0.0
    switch: float = 0.0

    def at(self, progress: Floats | float) -> Floats:
        """The highest unit cost worth paying at a progress in [0, 1]."""
        with np.errstate(invalid="ignore"):
            psi = self.high - self.switch - self._bend() * np.exp(progress / self.eta)
        return np.asarray(np.where(self._vain(), np.inf, psi))

    def serves(self, price: Floats, progress: Floats) -> Floats:
        """How much to serve at a price: up to the progress at which psi falls to it."""
        bend = self._bend()
        with np.errstate(divide="ignore", invalid="ignore"):
            until = np.where(bend > 0, self.eta * np.log((self.high - self.switch - price) / bend), 1.0)
        until = np.where(self._vain(), 1.0, until)
        return np.where(price <= self.at(progress), np.clip(until - progress, 0.0, 1 - progress), 0.0)

    def _bend(self) -> Floats:
        return self.high - self.high / self.eta - self.move - self.switch

    def _vain(self) -> Floats:
        return np.asarray((self.low <= 0) | (self.high - self.low <= self.move))


def without_crumbs(share: Floats, left: Floats) -> Floats:
    """(n,) a share so small that it is not worth a server is none; one that would leave so little is all."""
    return np.where(left - share < CRUMB, left, np.where(share < CRUMB, 0.0, share))


class Pcm:
    """Serve of each batch, at the cleanest permitted region's carbon intensity, up to the progress w with psi(w) = CI.

    Scalar form: a batch is one unit of work of unknown future; L and U are the least and most carbon intensity of its
    permitted regions in the last 14 days observed, D = `move` the largest movement and tau = `switch` the switching
    cost, both in g/kWh. Psi as in the authors' code (see Psi). What is whole runs while CI <= psi(progress).
    Source: Lechowicz et al., CarbonClipper, arXiv 2408.07831, algorithm PCM.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(self, instance: Instance, move: float = 0.0, switch: float = 0.0) -> None:
        if move < 0 or switch < 0:
            raise ValueError("move and switch must not be negative")
        self._pressure, self._move, self._switch = Pressure(instance), move, switch

    def decide(self, view: HourView) -> Decision:
        """What must run anywhere, of the rest what psi allows, in regions whose carbon intensity psi allows."""
        reach, waiting, must = reachable(view), view.waiting, self._pressure.shares(view)
        at, progress = (waiting.workload, waiting.origin), 1 - waiting.left
        low, high = (bound[at] for bound in bounds_seen(view, reach))
        eta = ratio(low, high, move=self._move, switch=self._switch)
        psi = Psi(low, high, eta, self._move, self._switch)
        price = lowest(reach, view.carbon_intensity[:, -1])[at]
        share = without_crumbs(psi.serves(price, progress), waiting.left)
        limit = np.where(must > 0, np.inf, last_rank(view, psi.at(progress)))
        return fill(view, ranked(view, now(view)), limit=limit, most=np.maximum(must * waiting.left, share))
