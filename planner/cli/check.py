"""`check`: the independent judge."""

from pathlib import Path
from typing import Annotated

import typer

from planner.cli import common
from planner.cli.common import InstanceArgument, Json, Output, Quiet, Verbose

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan file, or the certificate that `bound` wrote.")]
Exactly = Annotated[bool, typer.Option("--exact", help="Also in rational numbers (small instances).")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(check)


def check(
    instance: InstanceArgument,
    plan: PlanFile,
    exact: Exactly = False,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The independent judge: broken rules, exact objective, recomputed bound.

    Exit code 1: a rule is broken, or a figure that the file claims does not hold.
    """
    from planner.cli import exactly, summary
    from planner.cli.judging import judged
    from planner.io.instances import load_instance

    clock = common.Stopwatch()
    problem = load_instance(instance)
    verdict = judged(problem, plan)
    figures = exactly.exactly(problem, verdict) if exact else ()
    violations = (*verdict.violations, *(fault for figure in figures for fault in figure.faults()))
    document = common.envelope(
        "planner.check/1",
        problem,
        status="infeasible" if violations else "feasible",
        objective=verdict.objective,
        bounds=verdict.bounds,
        violations=violations,
        seconds={"total": clock.total},
        formulation=verdict.formulation,
        versions=verdict.versions,
        **({"exact": exactly.document(figures)} if exact else {}),
    )
    common.emit(document, summary.checked(problem, verdict) + exactly.told(figures), as_json=json, output=output)
    if violations:
        raise typer.Exit(1)
