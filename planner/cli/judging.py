"""A file that claims something before the judge: a plan with its figures, or the certificate of a bound."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from planner.cli.common import gaps
from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.results import Bounds, Multipliers, Objective, Violation
from planner.errors import BoundAboveObjective
from planner.io.plans import StoredPlan, multipliers_from_document, plan_from_document
from planner.io.reading import read_document
from planner.io.versions import CERTIFICATE
from planner.verify import judge
from planner.verify.bound import lower_bound
from planner.verify.certificate import bound_claim, multiplier_faults


@dataclass(frozen=True, slots=True)
class Judged:
    """What stands: the objective (None of a certificate) and certified bound as recomputed, the solver's as claimed."""

    violations: tuple[Violation, ...]
    objective: Objective | None
    bounds: Bounds
    formulation: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    plan: Plan | None = None
    multipliers: Multipliers | None = None


def judged(instance: Instance, path: Path) -> Judged:
    """Judge a plan file or a certificate. InvalidInput: it is broken, or belongs to another instance."""
    found = _read(instance, path)
    return _plan(instance, found) if isinstance(found, StoredPlan) else _certificate(instance, *found)


def _read(instance: Instance, path: Path) -> StoredPlan | tuple[Multipliers, float | None]:
    """A plan, or multipliers and the bound claimed of them; the parsed document, ten times as large, is let go."""
    document = read_document(path)
    if str(document.get("schema", "")).startswith(CERTIFICATE):
        return multipliers_from_document(document, instance, str(path))
    return plan_from_document(document, instance, str(path))


def _certificate(instance: Instance, multipliers: Multipliers, claimed: float | None) -> Judged:
    if faults := tuple(multiplier_faults(instance, multipliers)):
        return Judged(faults, None, Bounds(certified=None))
    proven = lower_bound(instance, multipliers)
    raised = () if claimed is None else tuple(bound_claim(claimed, proven))
    return Judged(raised, None, Bounds(certified=proven), multipliers=multipliers)


def _plan(instance: Instance, stored: StoredPlan) -> Judged:
    verdict = judge.check(
        instance,
        stored.plan,
        claimed=stored.objective,
        bound=stored.bounds.certified,
        multipliers=stored.multipliers,
    )
    bounds = Bounds(certified=verdict.bound, solver=stored.bounds.solver)
    violations = verdict.violations or tuple(_impossible(verdict.objective, bounds))
    return Judged(
        violations,
        verdict.objective,
        bounds,
        formulation=stored.formulation,
        versions=stored.versions,
        plan=stored.plan,
        multipliers=stored.multipliers,
    )


def _impossible(objective: Objective, bounds: Bounds) -> Iterable[Violation]:
    """A good plan below the solver's bound: that bound, which nobody can recompute, was raised."""
    try:
        gaps(objective, bounds)
    except BoundAboveObjective as error:
        yield Violation("bound", "solver", str(error))
