"""An accepted submission into the library: the better plan and the better proof, whoever found each."""

from pathlib import Path
from typing import Any

from planner.cli import common
from planner.cli.judging import Judged, judged
from planner.cli.library_table import BEST_KNOWN, as_csv, best_known, grade
from planner.cli.submission_ruling import Ruling
from planner.domain.instance import Instance
from planner.domain.results import Bounds
from planner.errors import InvalidInput
from planner.io.atomic import write_text
from planner.io.instances import load_instance, write_document
from planner.io.multipliers import multipliers_document
from planner.io.plans import bare_plan_document


def store(path: Path, ruling: Ruling, name: str, folder: Path) -> Path:
    """Write the solution file of the instance `name`, then its row of best-known.csv, as an accepted ruling says."""
    instance, file = load_instance(name), folder / f"{name}.json.gz"
    theirs, ours = judged(instance, path), judged(instance, file)
    rows = {key: dict(row) for key, row in best_known(folder / BEST_KNOWN).items()}
    rows[name] |= {column: new for column, (_, new) in ruling.changes.items()}
    plan = theirs if ruling.value.word == "better" else ours
    proof = theirs if ruling.bound.word == "better" else ours
    bounds = Bounds(certified=proof.bounds.certified, solver=ours.bounds.solver)
    versions = {key: rows[name][key] for key in plan.versions if rows[name].get(key)}
    write_document(_document(instance, plan, proof, bounds) | {"versions": versions}, file)
    write_text(folder / BEST_KNOWN, as_csv(rows[key] for key in sorted(rows)))
    return file


def _document(instance: Instance, plan: Judged, proof: Judged, bounds: Bounds) -> dict[str, Any]:
    """The plan file: what the judge recomputed, and the library's own word for the solver's bound."""
    if plan.plan is None or plan.objective is None:
        raise InvalidInput("file", "a certificate", "a plan, in the library", instance.name)
    stands: dict[str, Any] = {
        **bare_plan_document(plan.plan, instance),
        "status": grade(plan.objective.total, bounds.best),
        "objective": common.plain(common.objective_document(plan.objective)),
        "bounds": common.plain(bounds),
        "gap": common.gaps(plan.objective, bounds),
        "formulation": plan.formulation or "",
    }
    if proof.multipliers is not None:
        stands["multipliers"] = multipliers_document(proof.multipliers, instance)
    return stands
