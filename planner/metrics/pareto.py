"""The exact Pareto front of carbon against cost or SLO violations, by the epsilon-constraint method."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from planner.domain.instance import Instance, Weights
from planner.domain.plan import Plan
from planner.domain.results import Objective, SolveResult
from planner.errors import Infeasible, LimitReached
from planner.metrics.gaps import relative_gap
from planner.solve.oracle import solve
from planner.verify.judge import check

Against = Literal["cost", "violations"]
Oracle = Callable[[Instance], SolveResult]
SAME = 1e-7  # relative to the range of the front: closer points are one
TIE = 1e-4  # what a whole range of the one criterion weighs against a range of the other
LEAST = 1e-12  # a range below it is none: weights are its reciprocal
TINY = 1e-6  # kg, USD or requests


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A verified plan; `other` is its cost (USD) or its violations (requests).

    Violations are those that a plan trades: expected ones on time of workloads whose SLO is not hard, request-periods
    late, and missed requests. `gap` is what the solver left open, None where it proved no bound.
    """

    carbon_kg: float
    other: float
    plan: Plan
    gap: float | None = None


def two_criteria(instance: Instance, against: Against) -> Instance:
    """The same rules, with carbon and the other criterion alone in the objective: `alpha` and `beta` or `gamma`.

    Cost is in USD; a violation, a request-period late and a miss count 1. Against cost nothing may be missed: a request
    that is not served neither emits nor costs.
    """
    weights = instance.weights
    if against == "cost":
        kept = Weights(gamma=1.0, beta=0.0, carbon_price_usd_per_kg=weights.carbon_price_usd_per_kg)
        return instance.replace(weights=kept)
    workloads = tuple(replace(w, slo_mode="priced") if w.slo_mode == "budget" else w for w in instance.workloads)
    counted = Weights(
        violation_weight=1.0,
        tardiness_weight=1.0 / instance.step_hours,
        miss_weight=None if weights.miss_weight is None else 1.0,
    )
    return instance.replace(workloads=workloads, weights=counted)


def criteria(objective: Objective, against: Against) -> tuple[float, float]:
    """Carbon (kg) and the other criterion of a plan judged on `two_criteria`."""
    return objective.carbon_kg, objective.cost_usd if against == "cost" else objective.sla


def place(instance: Instance, plan: Plan, against: Against) -> tuple[float, float] | None:
    """Where another plan of the instance stands; None where it breaks a rule, or misses what the front has to serve."""
    verdict = check(two_criteria(instance, against), plan)
    return None if verdict.violations else criteria(verdict.objective, against)


def front(
    instance: Instance, against: Against, *, points: int = 11, also: Iterable[float] = (), oracle: Oracle = solve
) -> list[Point]:
    """Points of the front by rising carbon, the other criterion falling; no two the same, none dominated.

    Both ends, `points` - 2 carbon caps (M12) evenly between them, and the caps of `also` (kg) that lie between. Each
    point minimises the other criterion under its cap; a small price of carbon keeps it from being weakly dominated
    (Mavrotas, Applied Mathematics and Computation 213 (2009), 455-465). Exact for linear programmes, within the
    oracle's gap where there are integers. Infeasible and LimitReached: as the oracle, for the ends.
    """
    problem = two_criteria(instance, against)
    ends = _ends(problem, against, oracle)
    low, high = ends[0].carbon_kg, ends[-1].carbon_kg
    caps = {*np.linspace(low, high, points)[1:-1].tolist(), *(cap for cap in also if low < cap < high)}
    scales = high - low, ends[0].other - ends[-1].other
    between = [_under(problem, against, cap, scales, oracle) for cap in sorted(caps)] if min(scales) > LEAST else []
    return undominated([*ends, *(point for point in between if point)])


def _ends(problem: Instance, against: Against, oracle: Oracle) -> list[Point]:
    """Least carbon, and least of the other; then both again with ties broken, weighed by the ranges seen first."""
    cleanest, best = (_solved(_weighed(problem, against, *w), against, oracle) for w in ((1.0, 0.0), (0.0, 1.0)))
    scales = best.carbon_kg - cleanest.carbon_kg, cleanest.other - best.other
    if min(scales) <= LEAST:
        scales = _size(cleanest.carbon_kg), max(_size(best.other), _size(cleanest.other))
    carbon, other = 1 / scales[0], 1 / scales[1]
    weights = (carbon, TIE * other), (TIE * carbon, other)
    return undominated([cleanest, best, *(_solved(_weighed(problem, against, *w), against, oracle) for w in weights)])


def _size(value: float) -> float:
    """What measures a criterion without a range; 1 where it is next to nothing, lest its weight be huge."""
    return abs(value) if abs(value) > TINY else 1.0


def _under(
    problem: Instance, against: Against, cap: float, scales: tuple[float, float], oracle: Oracle
) -> Point | None:
    """The least of the other criterion with at most so much carbon; None where no plan was found in time."""
    weighed = _weighed(problem, against, TIE / scales[0], 1 / scales[1])
    known = problem.caps.carbon_kg
    capped = weighed.replace(caps=replace(problem.caps, carbon_kg=cap if known is None else min(cap, known)))
    try:
        return _solved(capped, against, oracle)
    except (LimitReached, Infeasible):  # a cap at the rim of what whole servers can do
        return None


def _weighed(problem: Instance, against: Against, carbon: float, other: float) -> Instance:
    weights = replace(problem.weights, alpha=carbon)
    if against == "cost":
        return problem.replace(weights=replace(weights, gamma=other))
    return problem.replace(weights=replace(weights, beta=other))


def _solved(problem: Instance, against: Against, oracle: Oracle) -> Point:
    found = oracle(problem)
    gap = relative_gap(found.objective.total, found.bounds.best)
    return Point(*criteria(found.objective, against), found.plan, gap)


def undominated(points: Iterable[Point]) -> list[Point]:
    """The points that no other one matches in both criteria, by rising carbon; of equal ones the first."""
    ordered = sorted(points, key=lambda p: (p.carbon_kg, p.other))
    width = SAME * (ordered[-1].carbon_kg - ordered[0].carbon_kg)
    height = SAME * (max(p.other for p in ordered) - min(p.other for p in ordered))
    kept: list[Point] = []
    for point in ordered:
        if kept and point.other >= kept[-1].other - height:
            continue
        if kept and point.carbon_kg - kept[-1].carbon_kg <= width:
            kept.pop()
        kept.append(point)
    return kept
