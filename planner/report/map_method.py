"""How a map came about, in sentences for its reader."""

from planner.domain.instance import HourMapRule, Instance
from planner.domain.results import SolveResult

PLAIN = (
    "In each period a region is open if it may serve every origin whose requests are released then: its location is "
    "allowed for the workload (residency), it has servers of a kind that runs the model, and the probability of "
    "missing a hard latency objective stays within its limit. Of the open regions the map takes the one of lowest "
    "carbon intensity; every period weighs alike, ties go to the first region in the order of the instance. Capacity "
    "and waiting are left out."
)
CAPACITY = (
    "The map is part of a plan that minimises the instance's objective under everything it states: capacity, latency, "
    "residency, waiting, servers. In each period all work runs in the region of the map."
)
EXACT = "The sequence is the exact optimum of a dynamic programme over periods, regions and switches used."


def method_sentences(instance: Instance, rule: HourMapRule, result: SolveResult | None = None) -> tuple[str, ...]:
    """Paragraphs on feasible regions, ties and limits; `result` is that of the oracle where capacity counts."""
    limits = _limits(instance, rule)
    if result is not None:
        return CAPACITY, *limits, _proof(result)
    return (PLAIN, *limits, EXACT) if limits else (PLAIN,)


def _limits(instance: Instance, rule: HourMapRule) -> list[str]:
    own = "Every workload has a map of its own." if rule.per_workload else ""
    switches = "" if rule.max_switches is None else f"The map changes region at most {rule.max_switches} times."
    hours = rule.min_dwell_periods * instance.step_hours
    dwell = f"Every stay but the last lasts at least {hours:g} h." if rule.min_dwell_periods > 1 else ""
    return [x for x in (own, switches, dwell) if x]


def _proof(result: SolveResult) -> str:
    bound = result.bounds.best
    proof = "no lower bound is known" if bound is None else f"no plan can be below {bound:.9g}"
    return f"The plan's objective is {result.objective.total:.9g}; {proof} (formulation: {result.formulation})."
