"""Where a policy's gap comes from: the objectives of verified plans that repeat less and less of what it decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from planner import registry
from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.protocols import Formulation
from planner.domain.restriction import Restriction, served_requests
from planner.domain.results import ReplayResult, SolveResult
from planner.errors import Infeasible, LimitReached
from planner.metrics.yardstick import Answer
from planner.verify.judge import check


class RestrictedOracle(Protocol):
    """The oracle with a formulation of its own; its time limit holds for each call."""

    def __call__(self, instance: Instance, *, formulation: Formulation) -> SolveResult:
        """The best plan found."""
        ...


@dataclass(frozen=True, slots=True)
class Attribution:
    """Objectives f0..f4 of verified plans, each at most the one before but for `informed`, and the bound.

    `policy` f0; `informed` f1, the same policy with a perfect forecast, None where that cannot be told; `provisioned`
    f2, the best plan with f1's requests per workload, region and period; `waited` f3, with its requests per workload
    and region; `optimum` f4. The reverse order frees the regions first: `placed` is the best plan with f1's requests
    per workload and period. `proven` holds lower bounds of the restricted problems, None where the solver proved none:
    what lies between a level and its bound may belong to the part before it.
    """

    policy: float
    informed: float | None
    provisioned: float
    waited: float
    placed: float
    optimum: float
    bound: float
    proven: Mapping[str, float | None]

    @property
    def parts(self) -> dict[str, float | None]:
        """Shares of the bound that sum to the gap: forecast error, provisioning, waiting, space, proof.

        Provisioning is what servers, and routing within regions and periods, cost. Only the forecast's part may be
        negative (a perfect one can mislead a policy); where it is None the others hold it.
        """
        return self._parts(waiting=self.provisioned - self.waited, space=self.waited - self.optimum)

    @property
    def reversed_parts(self) -> dict[str, float | None]:
        """The same sum with the regions freed before the periods."""
        return self._parts(waiting=self.placed - self.optimum, space=self.provisioned - self.placed)

    @property
    def unproven(self) -> float | None:
        """The largest gap of a restricted problem, as a share of its own bound; None where one has no bound."""
        levels = {name: (getattr(self, name), bound) for name, bound in self.proven.items()}
        gaps = [None if bound is None else (total - bound) / abs(bound) for total, bound in levels.values()]
        return None if None in gaps else max(gap for gap in gaps if gap is not None)

    def _parts(self, *, waiting: float, space: float) -> dict[str, float | None]:
        base = self.policy if self.informed is None else self.informed
        unit = abs(self.bound)
        return {
            "forecast": None if self.informed is None else (self.policy - base) / unit,
            "provisioning": (base - self.provisioned) / unit,
            "waiting": waiting / unit,
            "space": space / unit,
            "proof": (self.optimum - self.bound) / unit,
        }


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """A verified plan's objective, and a lower bound of what it was the best of."""

    plan: Plan
    total: float
    proven: float | None = None


def attribute(
    instance: Instance,
    run: ReplayResult,
    answer: Answer,
    *,
    informed: ReplayResult | None,
    oracle: RestrictedOracle,
) -> Attribution | None:
    """Split the gap of `run` to the bound of `answer`, the oracle's on the same instance.

    `informed` is the same policy's run with a perfect forecast: `run` itself where it asks for none; where it is None,
    or breaks a rule of the instance, the forecast's part cannot be told. None: a plan with violations, no bound, or 0.
    """
    bound = answer.bounds.best
    policy = _judged(instance, run.plan)
    if policy is None or not bound:
        return None
    knowing = policy if informed is run else None if informed is None else _judged(instance, informed.plan)
    base = knowing or policy
    amounts = served_requests(instance, base.plan)

    def best(start: _Level, *, by_region: bool, by_period: bool) -> _Level:
        return _best(instance, start, Restriction(amounts, by_region=by_region, by_period=by_period), oracle)

    provisioned = best(base, by_region=True, by_period=True)
    waited = best(provisioned, by_region=True, by_period=False)
    placed = best(provisioned, by_region=False, by_period=True)
    optimum = min(answer.objective.total, waited.total, placed.total)
    return Attribution(
        policy=policy.total,
        informed=knowing.total if knowing else None,
        provisioned=provisioned.total,
        waited=waited.total,
        placed=placed.total,
        optimum=optimum,
        bound=min(bound, optimum),  # a bound may lie above by rounding
        proven={"provisioned": provisioned.proven, "waited": waited.proven, "placed": placed.proven},
    )


def _judged(instance: Instance, plan: Plan) -> _Level | None:
    verdict = check(instance, plan)
    return None if verdict.violations else _Level(plan, verdict.objective.total)


def _best(instance: Instance, start: _Level, restriction: Restriction, oracle: RestrictedOracle) -> _Level:
    """The best plan under the restriction, which `start` obeys; `start` itself where the solver finds no better."""
    formulation: Formulation = registry.load("planner.formulations", "auto", restriction=restriction)
    try:
        found = oracle(instance, formulation=formulation)
    except (LimitReached, Infeasible):  # infeasible by rounding only: there is `start`
        return start
    known = found.bounds.best
    if found.objective.total < start.total:
        return _Level(found.plan, found.objective.total, known)
    return _Level(start.plan, start.total, None if known is None else min(known, start.total))
