"""`solve`, `bound` and `check`: the oracle, its bound alone, and the independent judge."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import (
    Formulation,
    Gap,
    InstanceArgument,
    Json,
    NoProgress,
    Output,
    Quiet,
    Seed,
    Threads,
    TimeLimit,
    Verbose,
)

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import SolveResult

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN", help="A plan file, or the certificate that `bound` wrote.")]
Start = Annotated[Path | None, typer.Option("--start", metavar="PLAN", help="A plan to start from.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    for command in (solve, bound, check):
        app.command()(command)


def solve(
    instance: InstanceArgument,
    formulation: Formulation = "auto",
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    seed: Seed = 0,
    start: Start = None,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """The plan of least objective, and how good it is.

    Two lower bounds stand beside it; -o writes the plan file.
    """
    from planner.cli import summary
    from planner.domain.results import Termination
    from planner.io.instances import load_instance
    from planner.io.plans import load_plan, save_result
    from planner.solve import oracle

    clock = common.Stopwatch()
    problem = load_instance(instance)
    first = load_plan(start, problem).plan if start else None
    clock.lap("read")
    with common.reported("planner.solve/1", problem, as_json=json):
        result = oracle.solve(
            problem,
            formulation=formulation,
            gap=gap,
            time_limit=time_limit,
            threads=threads,
            seed=seed,
            start=first,
            progress=common.progress(no_progress=no_progress),
        )
    if output:
        save_result(result, problem, output, gap=common.gaps(result.objective, result.bounds))
        common.note(f"wrote {output}")
    common.warn(result.warnings)
    seconds = {**clock.laps, **result.seconds, "total": clock.total}
    common.emit(_document(problem, result, seconds), summary.solved(problem, result, seconds), as_json=json)
    if result.termination is Termination.INTERRUPTED:
        raise typer.Exit(130)


def _document(instance: "Instance", result: "SolveResult", seconds: Mapping[str, float]) -> dict[str, Any]:
    return common.envelope(
        "planner.solve/1",
        instance,
        status=result.quality,
        objective=result.objective,
        bounds=result.bounds,
        seconds=seconds,
        warnings=result.warnings,
        termination=result.termination,
        formulation=result.formulation,
        size=asdict(result.size),
        peak_rss_mb=result.peak_rss_mb,
        versions=result.versions,
    )


def bound(
    instance: InstanceArgument,
    formulation: Formulation = "auto",
    threads: Threads = 1,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """A lower bound alone, certified.

    What proves it are multipliers; -o writes them to a file that `check` takes.
    """
    from planner.cli import summary
    from planner.domain.results import Bounds
    from planner.io.instances import load_instance
    from planner.io.plans import save_multipliers
    from planner.solve import oracle

    clock = common.Stopwatch()
    problem = load_instance(instance)
    clock.lap("read")
    with common.reported("planner.bound/1", problem, as_json=json):
        value, multipliers = oracle.bound(problem, formulation=formulation, threads=threads, seed=seed)
    clock.lap("solve")
    if output:
        save_multipliers(multipliers, value, problem, output)
        common.note(f"wrote {output}")
    document = common.envelope(
        "planner.bound/1",
        problem,
        status="optimal",
        bounds=Bounds(certified=value),
        seconds={**clock.laps, "total": clock.total},
        formulation=formulation,
        versions=common.versions(),
    )
    common.emit(document, summary.certified(problem, value), as_json=json)


def check(
    instance: InstanceArgument,
    plan: PlanFile,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The independent judge: broken rules, exact objective, recomputed bound.

    Exit code 1: a rule is broken, or a figure that the file claims does not hold.
    """
    from planner.cli import summary
    from planner.cli.judging import judged
    from planner.io.instances import load_instance

    clock = common.Stopwatch()
    problem = load_instance(instance)
    verdict = judged(problem, plan)
    document = common.envelope(
        "planner.check/1",
        problem,
        status="infeasible" if verdict.violations else "feasible",
        objective=verdict.objective,
        bounds=verdict.bounds,
        violations=verdict.violations,
        seconds={"total": clock.total},
        formulation=verdict.formulation,
        versions=verdict.versions,
    )
    common.emit(document, summary.checked(problem, verdict), as_json=json, output=output)
    if verdict.violations:
        raise typer.Exit(1)
