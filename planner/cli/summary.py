"""Results in a few lines for people."""

from collections.abc import Mapping

from planner.cli.common import gaps, number, share
from planner.cli.judging import Judged
from planner.domain.instance import Instance
from planner.domain.results import Bounds, Objective, SolveResult

PARTS = {
    "O1": "dynamic",
    "O2": "idle and start-up",
    "O3": "loading",
    "O4": "network",
    "O5": "embodied",
}
LOST = {"slo_violations": "expected violations", "late": "late", "missed": "missed"}


def solved(instance: Instance, result: SolveResult, seconds: Mapping[str, float]) -> str:
    """What `solve` found: objective and parts, bounds and gaps, size, seconds by phase."""
    size = result.size
    shape = f"{size.columns:,} columns, {size.rows:,} rows, {size.nonzeros:,} nonzeros"
    return "\n".join(
        [
            f"{instance.name}: {result.quality}, stopped because {result.termination.replace('_', ' ')}",
            *_objective(result.objective),
            *_bounds(result.objective, result.bounds),
            f"model       {result.formulation}: {size.options:,} options in {shape}",
            *([f"algorithm   {algorithm}"] if (algorithm := result.solver_options.get("algorithm")) else []),
            "seconds     " + "  ".join(f"{phase} {value:.2f}" for phase, value in seconds.items()),
        ]
    )


def checked(instance: Instance, verdict: Judged) -> str:
    """What the judge says: broken rules, the exact objective and the bound it recomputed."""
    broken, objective = verdict.violations, verdict.objective
    if objective is None and not broken:
        return certified(instance, verdict.bounds.certified)
    return "\n".join(
        [
            f"{instance.name}: {len(broken) or 'no'} violation{'s' if len(broken) > 1 else ''}",
            *(f"  ({v.rule}) {v.where}: {v.message}" for v in broken),
            *(_objective(objective) if objective else ()),
            *([] if broken else _bounds(objective, verdict.bounds)),
        ]
    )


def certified(instance: Instance, bound: float | None) -> str:
    """What a certificate is worth."""
    return f"{instance.name}: no plan is below {number(bound)} (certified)"


def _objective(objective: Objective) -> list[str]:
    parts = [f"{name} {number(objective.parts[rule])}" for rule, name in PARTS.items() if objective.parts.get(rule)]
    lost = [f"{_count(getattr(objective, name))} {label}" for name, label in LOST.items()]
    return [
        f"objective   {number(objective.total)}",
        f"  carbon    {number(objective.carbon_kg)} kg ({', '.join(parts) or 'none'})",
        f"  intensity {number(objective.sci_g_per_request, 6)} g per request",
        f"  sla       {number(objective.sla)} ({', '.join(lost)} of {_count(objective.requests)} requests)",
        f"  cost      {number(objective.cost_usd)} USD",
        f"  energy    {number(objective.energy_kwh)} kWh",
    ]


def _count(requests: float) -> str:
    """Expected requests need no power of ten."""
    return f"{requests:,.3f}".rstrip("0").rstrip(".")


def _bounds(objective: Objective | None, bounds: Bounds) -> list[str]:
    gap = gaps(objective, bounds) if objective else {"certified": None, "solver": None}
    lines = [f"certified   {number(bounds.certified)}  gap {share(gap['certified'])}"]
    if bounds.solver is not None:
        lines.append(f"solver      {number(bounds.solver)}  gap {share(gap['solver'])}")
    return lines
