"""`solve`: the oracle."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import (
    Algorithm,
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
from planner.cli.windows import Ahead, Behind, ExecutorName, Keep, Polish, Scheduler, Seam, Sequential, Windows, Workers

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import SolveResult

Start = Annotated[Path | None, typer.Option("--start", metavar="PLAN", help="A plan to start from.")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(solve)


def solve(
    instance: InstanceArgument,
    formulation: Formulation = "auto",
    algorithm: Algorithm = "auto",
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    seed: Seed = 0,
    start: Start = None,
    windows: Windows = None,
    ahead: Ahead = 48,
    behind: Behind = 24,
    seam: Seam = 120,
    sequential: Sequential = False,
    executor: ExecutorName = "serial",
    workers: Workers = 2,
    scheduler: Scheduler = None,
    keep: Keep = None,
    polish: Polish = True,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """The plan of least objective, and how good it is.

    Two lower bounds stand beside it; -o writes the plan file. --windows solves a long horizon in pieces: less time and
    memory, a gap of some 0.02 %.
    """
    from planner.cli import windows as by_windows
    from planner.domain.results import Termination
    from planner.io.instances import load_instance
    from planner.io.plans import load_plan
    from planner.solve import oracle

    wanted = by_windows.Wanted(windows, ahead, behind, seam, sequential, executor, workers, scheduler, keep, polish)
    wanted.require_fitting({"formulation": formulation, "algorithm": algorithm, "threads": threads, "start": start})
    clock = common.Stopwatch()
    problem = load_instance(instance)
    first = load_plan(start, problem).plan if start else None
    clock.lap("read")
    with common.reported("planner.solve/1", problem, as_json=json):
        if windows is not None:
            result = by_windows.solved(
                problem, wanted, gap=gap, time_limit=time_limit, seed=seed, no_progress=no_progress
            )
        else:
            result = oracle.solve(
                problem,
                formulation=formulation,
                algorithm=algorithm,
                gap=gap,
                time_limit=time_limit,
                threads=threads,
                seed=seed,
                start=first,
                progress=common.progress(no_progress=no_progress),
            )
    if output:
        _save(result, problem, output)
    seconds = {**clock.laps, **result.seconds, "total": clock.total}
    _tell(problem, result, seconds, as_json=json)
    if result.termination is Termination.INTERRUPTED:
        raise typer.Exit(130)


def _save(result: "SolveResult", instance: "Instance", path: Path) -> None:
    from planner.io.plans import save_result

    save_result(result, instance, path, gap=common.gaps(result.objective, result.bounds))
    common.note(f"wrote {path}")


def _tell(instance: "Instance", result: "SolveResult", seconds: Mapping[str, float], *, as_json: bool) -> None:
    from planner.cli import summary

    common.warn(result.warnings)
    common.emit(_document(instance, result, seconds), summary.solved(instance, result, seconds), as_json=as_json)


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
        algorithm=result.solver_options.get("algorithm"),
        size=asdict(result.size),
        peak_rss_mb=result.peak_rss_mb,
        versions=result.versions,
    )
