"""Gaps (MODEL.md 7): the one definition, and the table of policies against the optimum."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.protocols import Forecaster, Policy
from planner.domain.results import Objective, ReplayResult, SolveResult, Violation
from planner.errors import BoundAboveObjective, PolicyError
from planner.metrics.attribution import Attribution, RestrictedOracle, attribute
from planner.metrics.equal_rate import at_rate_of, violations_are_free
from planner.metrics.served import unserved
from planner.metrics.yardstick import Answer, BoundKind, Yardstick
from planner.replay.loop import replay
from planner.solve.oracle import solve

ROUNDING = 1e-6  # a gap in [-1e-6, 0) is 0
Oracle = Callable[[Instance], SolveResult]


@dataclass(frozen=True, slots=True)
class GapRow:
    """One policy beside the optimum.

    Gaps and `position` (0 the optimum, 1 the worst schedule) are None where the plan breaks a hard rule, `violations`;
    a policy that failed has no objective but an `error`. Rates are shares of all requests; `missed_rate` counts what
    nobody served, whether a miss has a price or breaks (M1). `bound_kind` says what `bound` belongs to: the instance,
    or the instance at the policy's own violation rate. `attribution` splits the gap where that was asked for.
    `requests_per_g` is the reciprocal of the SCI, None where nothing is emitted.
    """

    policy: str
    regime: str | None
    uses_future: bool
    objective: Objective | None = None
    bound: float | None = None
    bound_kind: BoundKind = "instance"
    gap_to_bound: float | None = None
    gap_to_best: float | None = None
    position: float | None = None
    slo_violation_rate: float | None = None
    missed_rate: float | None = None
    violations: tuple[Violation, ...] = ()
    decision_us_per_request: float | None = None
    requests_per_g: float | None = None
    error: str | None = None
    plan: Plan | None = None
    attribution: Attribution | None = None


def relative_gap(objective: float, bound: float | None) -> float | None:
    """(objective - bound) / |bound|; None without a bound, or where it is 0 and the objective is not.

    BoundAboveObjective: the gap is below -1e-6.
    """
    if bound is None:
        return None
    if bound == 0:
        return 0.0 if objective == 0 else None
    gap = (objective - bound) / abs(bound)
    if gap < -ROUNDING:
        raise BoundAboveObjective(f"a lower bound of {bound!r} lies above a plan of {objective!r}: please report it")
    return max(gap, 0.0)


def gap_table(
    instance: Instance,
    policies: Iterable[str | Policy],
    *,
    result: Answer,
    worst: Objective | None = None,
    forecast: str | Forecaster = "persistence",
    seed: int = 0,
    oracle: Oracle = solve,
    restricted: RestrictedOracle | None = None,
) -> list[GapRow]:
    """Replay each policy and measure it against `result`, between the optimum's row and that of the worst schedule.

    Where violations are free, each policy is compared with the optimum at its own violation rate, found by `oracle`.
    With a `restricted` oracle gaps are split into their causes. A policy that fails gives a row with its error.
    BoundAboveObjective: a policy's plan is better than a bound.
    """
    specs = list(policies)
    runs = [attempt(instance, policy, forecast=forecast, seed=seed) for policy in specs]
    plain = Yardstick.of(result, [run for run in runs if isinstance(run, ReplayResult)], worst)
    free = violations_are_free(instance)

    def measured(run: ReplayResult | GapRow, policy: str | Policy) -> GapRow:
        if isinstance(run, GapRow):
            return run
        if run.verdict.violations:
            return row_of(instance, run, plain)
        fair = at_rate_of(instance, run.plan) if free else instance
        answer = oracle(fair) if free else result
        measure = Yardstick.of(answer, [run], worst, "equal-violation-rate") if free else plain
        row = row_of(instance, run, measure)
        if restricted is None:
            return row
        informed = _informed(instance, run, policy, seed)
        return replace(row, attribution=attribute(fair, run, answer, informed=informed, oracle=restricted))

    rows = [_anchor("optimum", result.objective, plain), *map(measured, runs, specs)]
    return rows if worst is None else [*rows, _anchor("worst", worst, plain)]


def _informed(instance: Instance, run: ReplayResult, policy: str | Policy, seed: int) -> ReplayResult | None:
    """The policy's run with a perfect forecast; an object cannot be made anew, so that it has none."""
    if run.regime != "forecast":
        return run
    if not isinstance(policy, str):
        return None
    found = attempt(instance, policy, forecast="perfect", seed=seed)
    return found if isinstance(found, ReplayResult) else None


def attempt(
    instance: Instance, policy: str | Policy, *, forecast: str | Forecaster, seed: int
) -> ReplayResult | GapRow:
    """A replay, or the row that tells why there is none."""
    try:
        return replay(instance, policy, forecast=forecast, seed=seed)
    except PolicyError as error:
        name = policy if isinstance(policy, str) else type(policy).__name__
        return GapRow(policy=name, regime=None, uses_future=False, error=str(error))


def row_of(instance: Instance, run: ReplayResult, measure: Yardstick) -> GapRow:
    """A replay as a row; a plan that breaks a hard rule has no gap."""
    row = _row(run.policy, run.verdict.objective, measure, run.verdict.violations)
    return replace(
        row,
        regime=run.regime,
        uses_future=run.uses_future,
        decision_us_per_request=run.decision_us_per_request,
        plan=run.plan,
        missed_rate=unserved(instance, run.plan) / max(1.0, run.verdict.objective.requests),
    )


def _anchor(name: str, objective: Objective, measure: Yardstick) -> GapRow:
    """The row of the optimum or the worst schedule, which no policy made."""
    return replace(_row(name, objective, measure), regime="clairvoyant", uses_future=True)


def _row(name: str, objective: Objective, measure: Yardstick, violations: tuple[Violation, ...] = ()) -> GapRow:
    total, requests = objective.total, max(1.0, objective.requests)
    return GapRow(
        policy=name,
        regime=None,
        uses_future=False,
        objective=objective,
        bound=measure.bound,
        bound_kind=measure.kind,
        gap_to_bound=None if violations else relative_gap(total, measure.bound),
        gap_to_best=None if violations else relative_gap(total, measure.best),
        position=None if violations else measure.position(total),
        slo_violation_rate=objective.slo_violations / requests,
        missed_rate=objective.missed / requests,
        violations=violations,
        requests_per_g=1 / objective.sci_g_per_request if objective.sci_g_per_request > 0 else None,
    )
