"""Model predictive control: the oracle on forecasts, again and again."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.plan import Plan
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.carry_out import Pieces, carry_out
from planner.policies.demand_margin import DemandMargin
from planner.policies.lookahead import Lookahead, lookahead
from planner.policies.lookahead_solve import foresee
from planner.policies.pressure import Pressure
from planner.policies.running import Running


class Mpc:
    """Every `step` periods solve the oracle's own problem over the next `horizon` periods and follow its plan.

    The problem is what waits and what is forecast, under the capacity of today; no deadline lies beyond its end.
    Servers and unsplittable batches are whole in its first `whole` periods (at least `step`), relaxed after them,
    solved to the relative `gap`. Coming periods keep free what demand may take beyond its forecast, at the `quantile`
    of past errors (0: nothing). Whatever the plan says, what is due is served and, once demand has been other than
    forecast, what later hours may have no room for.
    Source: receding-horizon control (Rawlings, Mayne and Diehl, Model Predictive Control, 2nd ed., 2017), policy 19.
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(
        self,
        instance: Instance,
        seed: int = 0,
        *,
        horizon: int = 48,
        step: int = 1,
        whole: int = 1,
        gap: float = 1e-3,
        quantile: float = 0.0,
    ) -> None:
        if not 1 <= step <= horizon:
            raise ValueError(f"step={step}, horizon={horizon}: 1 <= step <= horizon is expected")
        self._static, self._seed = instance, seed
        self._horizon, self._step, self._whole, self._gap = horizon, step, max(whole, step), gap
        self._margin, self._pressure = DemandMargin(quantile), Pressure(instance)
        self._running = Running()
        self._script: Script | None = None

    def decide(self, view: HourView) -> Decision:
        """What the newest plan holds for this period."""
        self._margin.observe(view)
        pressing = self._pressure.rows(view)
        script = self._script
        if script is None or view.period >= script.begin + self._step:
            script = self._script = self._solved(view)
        servers = None if script.plan.servers is None else script.plan.servers[:, view.period - script.begin]
        must = pressing if self._margin.surprised else None
        decision = carry_out(view, script.pieces(view), servers, script.price(view), must)
        self._running.start(view, decision)
        return decision

    def _solved(self, view: HourView) -> "Script":
        ahead = lookahead(
            view,
            self._static,
            self._horizon,
            self._margin.factor((len(self._static.workloads), len(self._static.origins))),
        )
        held = self._running.held(view, ahead.instance.periods)
        found = foresee(ahead.instance, held, whole=self._whole, gap=self._gap, seed=self._seed, view=view)
        return Script.of(view, ahead, found.plan, found.capacity_price)


@dataclass(frozen=True, slots=True, eq=False)
class Script:
    """A plan from period `begin` on: `known` (n,) are the batches that waited then, numbered as released, in order,
    with `batch` (n,) in the plan and `left` (n,) then."""

    begin: int
    plan: Plan
    capacity_price: Floats
    arrivals: Ints
    known: Ints
    batch: Ints
    left: Floats

    @classmethod
    def of(cls, view: HourView, ahead: Lookahead, plan: Plan, capacity_price: Floats) -> Self:
        """The plan made at `view`."""
        order = np.argsort(view.waiting.batch)
        known, left = view.waiting.batch[order], view.waiting.left[order]
        return cls(view.period, plan, capacity_price, ahead.arrivals, known, ahead.row_batch[order], left)

    def price(self, view: HourView) -> Floats:
        """(O,K) objective and capacity price of a request now."""
        site = view.routes
        return np.asarray(
            view.unit_price + site.server_seconds * self.capacity_price[site.pool, view.period - self.begin]
        )

    def pieces(self, view: HourView) -> Pieces:
        """What the plan serves in this period of the waiting rows, earliest deadline first."""
        waiting, now = view.waiting, np.flatnonzero(self.plan.period == view.period - self.begin)
        batch, left = self._of_rows(view)
        now = now[np.argsort(self.plan.batch[now], kind="stable")]
        first, end = (np.searchsorted(self.plan.batch[now], batch, side=side) for side in ("left", "right"))
        row = np.repeat(np.arange(len(waiting)), end - first)
        at = now[np.arange(len(row)) - np.repeat(np.cumsum(end - first) - (end - first), end - first) + first[row]]
        route = _route_of(view, waiting.workload[row], self.plan.pool[at], self.plan.variant[at])
        unit = waiting.share_unit[row]
        share = np.where(unit > 0, unit, self.plan.share[at] * left[row])
        chosen = (unit == 0) | (self.plan.share[at] * left[row] > unit / 2)
        return row[chosen], route[chosen], _within(row[chosen], share[chosen], waiting.left)

    def _of_rows(self, view: HourView) -> tuple[Ints, Floats]:
        """The plan's batch of each waiting row, -1 where it has none, and the share of the row that the batch was."""
        waiting = view.waiting
        batch, left = np.full(len(waiting), -1), np.ones(len(waiting))
        place = np.minimum(np.searchsorted(self.known, waiting.batch), max(0, len(self.known) - 1))
        old = self.known[place] == waiting.batch if len(self.known) else np.zeros(len(waiting), dtype=np.bool_)
        batch[old], left[old] = self.batch[place[old]], self.left[place[old]]
        new = ~old & (waiting.share_unit == 0)
        since = np.minimum(waiting.release - self.begin, self.arrivals.shape[2] - 1)
        batch[new] = self.arrivals[waiting.workload[new], waiting.origin[new], since[new]]
        return batch, left


def _route_of(view: HourView, workload: Ints, pool: Ints, variant: Ints) -> Ints:
    """The view's route of each (workload, pool, variant)."""
    site = view.routes
    number = np.full((site.workload.max() + 1, site.pool.max() + 1, site.variant.max() + 1), -1)
    number[site.workload, site.pool, site.variant] = np.arange(len(site))
    return np.asarray(number[workload, pool, variant])


def _within(row: Ints, share: Floats, left: Floats) -> Floats:
    """Shares scaled down where a row's would be more than is left of it."""
    total = np.bincount(row, share, len(left))
    return share * np.minimum(1.0, left / np.maximum(total, 1e-300))[row]
