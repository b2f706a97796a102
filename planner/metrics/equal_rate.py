"""A fair yardstick for policies on instances where violations cost nothing: the optimum at the policy's own rate."""

from dataclasses import replace

from planner.domain.instance import Instance, Workload
from planner.domain.plan import Plan
from planner.metrics.served import served

ROUNDING = 1e-9  # relative; the policy's own plan must stay within its budget


def violations_are_free(instance: Instance) -> bool:
    """Whether some workload's SLO is priced at nothing, so that the plain optimum ignores it."""
    weights = instance.weights
    return weights.beta * weights.violation_weight == 0 and any(_free(work) for work in instance.workloads)


def at_rate_of(instance: Instance, plan: Plan) -> Instance:
    """The instance in which each such workload may violate as often as the plan does (M11)."""
    rate = served(instance, plan).violation_rate
    workloads = tuple(
        replace(work, slo_mode="budget", slo_budget=min(1.0, float(r) * (1 + ROUNDING))) if _free(work) else work
        for work, r in zip(instance.workloads, rate, strict=True)
    )
    return instance.replace(workloads=workloads)


def _free(work: Workload) -> bool:
    return work.slo_mode == "priced" and work.slo_ms is not None
