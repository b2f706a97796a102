"""Pseudo-cost minimisation that trusts advice as far as it dares."""

from functools import lru_cache
from math import log
from typing import ClassVar

import numpy as np
from scipy.optimize import brentq

from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.advice import Advice
from planner.policies.bounds_seen import bounds_seen
from planner.policies.fill import fill
from planner.policies.pcm import Psi, ratio, without_crumbs
from planner.policies.pressure import Pressure
from planner.policies.ranking import now, ranked
from planner.policies.reach import reachable

ROUNDING = 1e-9


@lru_cache(maxsize=4096)
def robustness(low: float, high: float, eps: float, move: float = 0.0, switch: float = 0.0) -> float:
    """Gamma in [eta, U/L], the least competitive ratio that leaves room to be (1 + eps)-consistent."""
    least = float(ratio(np.array(low), np.array(high), move=move, switch=switch))
    if low <= 0 or high - low <= move + 2 * switch:
        return least

    def excess(gamma: float) -> float:
        part = (high - low - move - 2 * switch) / (high - high / gamma - move)
        steady = gamma - (high - 2 * switch * gamma) / low
        return steady + (high - low) / low * gamma * log(part) - eps

    if excess(least) <= 0 or least >= high / low:
        return least
    return high / low if excess(high / low) >= 0 else float(brentq(excess, least, high / low, xtol=1e-12, rtol=1e-14))


class CarbonClipper:
    """PCM with gamma for eta, kept so near to advice that its cost stays within 1 + eps of following it.

    The advice is the plan of cheapest forecast hours before each deadline. Gamma solves gamma + 1 - (U - 2 tau gamma)/L
    + ((U-L)/L) gamma ln[(U-L-D-2tau)/(U-U/gamma-D)] = 1 + eps; eps -> 0 follows the advice, from eta - 1 on gamma is
    eta. Scalar form: psi as in the authors' code, of the progress made of its own accord (pseudo-utilisation: without
    that, gamma is no bound), and cost so far + this + (1-progress) L + max(0, advice's progress - progress)(U-L) <=
    (1+eps)(advice's cost + (1 - advice's progress) L). L and U are seen in the last 14 days; `move` (D) and `switch`
    (tau) bend psi and gamma only, as nothing moves in the scalar form.
    Source: Lechowicz et al., CarbonClipper, arXiv 2408.07831.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, eps: float = 2.0, move: float = 0.0, switch: float = 0.0) -> None:
        if min(eps, move, switch) < 0:
            raise ValueError("eps, move and switch must not be negative")
        self._pressure, self._advice = Pressure(instance), Advice()
        self._eps, self._move, self._switch = eps, move, switch

    def decide(self, view: HourView) -> Decision:
        """What must run, and of the rest what psi allows within the reach of the advice."""
        waiting = view.waiting
        wish, share = self._shares(view)
        whole = waiting.share_unit
        chosen = np.where(whole > 0, share >= whole / 2, share > 0)
        must = self._pressure.shares(view)
        most = np.maximum(must * waiting.left, share)
        decision = fill(view, ranked(view, now(view)), chosen | (must > 0), most=most)
        served, cost = np.zeros(len(waiting)), np.zeros(len(waiting))
        np.add.at(served, decision.row, decision.share)
        np.add.at(cost, decision.row, decision.share * now(view)[decision.route])
        self._advice.served(waiting.batch, cost, np.minimum(wish, served))
        return decision

    def _shares(self, view: HourView) -> tuple[Floats, Floats]:
        """(n,) of each batch what psi says, and that clipped to where the advice's guarantee holds."""
        reach, waiting = reachable(view), view.waiting
        low, high = (bound[waiting.workload, waiting.origin] for bound in bounds_seen(view, reach))
        price = self._advice.prices(view, reach)
        pairs = list(zip(low.tolist(), high.tolist(), strict=True))
        ratios = {pair: robustness(*pair, self._eps, self._move, self._switch) for pair in set(pairs)}
        gamma = np.array([ratios[pair] for pair in pairs])
        psi = Psi(low, high, gamma, self._move, self._switch)
        wish = np.minimum(psi.serves(price, self._advice.utilisation(waiting)), waiting.left)
        whole = waiting.share_unit
        wish = np.where(whole > 0, np.where(wish > 0, whole, 0.0), wish)
        least, most = self._clip(view, price, low, high)
        return wish, without_crumbs(np.clip(wish, least, most), waiting.left)

    def _clip(self, view: HourView, price: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """(n,) between which shares the consistency constraint holds; following the advice always lies between."""
        left = view.waiting.left
        progress, paid, spent = self._advice.so_far(view.waiting)
        behind = np.clip(progress - (1 - left), 0.0, left)
        budget = (1 + self._eps) * (paid + (1 - progress) * low) - spent - left * low
        lacking = behind * (high - low) - budget
        lacking = np.where(lacking > ROUNDING * high, lacking, 0.0)  # it is met exactly after every clip
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.where(lacking > 0, np.where(price < high, lacking / (high - price), behind), 0.0)
            most = np.where(price > low, budget / (price - low), left)
        return np.clip(least, 0.0, behind), np.clip(most, behind, left)
