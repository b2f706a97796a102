"""`gap`: policies against the oracle."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common, policy
from planner.cli.common import (
    ForecastSpec,
    Gap,
    InstanceArgument,
    Json,
    NoProgress,
    Output,
    PolicySpecs,
    Quiet,
    Seed,
    Threads,
    TimeLimit,
    Verbose,
)
from planner.cli.window import From, Hours, window
from planner.domain.results import Bounds, Objective, Termination
from planner.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import SolveResult
    from planner.metrics.gaps import GapRow

SCHEMA = "planner.gap/1"
TABLES = (".csv", ".json")
PICTURES = (".png", ".svg", ".pdf")
ANCHORS = ("optimum", "worst")

All = Annotated[bool, typer.Option("--all", help="Every policy that needs no file, `fixed` in each region.")]
Stored = Annotated[
    Path | None,
    typer.Option("--plan", metavar="PLAN", help="Take the oracle's answer from a plan file, checked first."),
]
MaxGap = Annotated[
    float | None,
    typer.Option("--max-gap", metavar="G", min=0, help="Exit code 1 if a policy has a larger gap, or none."),
]


@dataclass(frozen=True, slots=True)
class Reference:
    """The oracle's answer, solved or stored, and how it came about."""

    objective: Objective
    bounds: Bounds
    status: str
    formulation: str | None
    more: dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("gap")(gap_command)


def gap_command(
    instance: InstanceArgument,
    policy_specs: PolicySpecs = None,
    all_policies: All = False,
    forecast: ForecastSpec = "persistence",
    plan: Stored = None,
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    max_gap: MaxGap = None,
    start: From = None,
    hours: Hours = None,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """Policies against the oracle: the table of gaps, worst schedule included.

    -o writes it as .csv or .json, or as bars (.png, .svg, .pdf). Exit code 1: a gap is above --max-gap, or the stored
    plan does not hold. 3: a policy failed; the other rows stand.
    """
    from planner.cli import gap_text
    from planner.io.instances import load_instance
    from planner.metrics.gaps import gap_table
    from planner.solve import oracle

    _check_output(output)
    clock = common.Stopwatch()
    problem = window(load_instance(instance), start, hours)
    clock.lap("read")
    policy.require_forecaster(problem, forecast)
    specs = _specs(problem, policy_specs, all_policies=all_policies)
    solve = partial(oracle.solve, gap=gap, time_limit=time_limit, threads=threads, seed=seed)
    with common.reported(SCHEMA, problem, as_json=json):
        shown = common.progress(no_progress=no_progress)
        reference = _stored(problem, plan, gap, as_json=json) if plan else _solved(solve(problem, progress=shown))
        clock.lap("solve")
        worst = _worst(problem)
        clock.lap("worst")
        rows = gap_table(problem, specs, result=reference, worst=worst, forecast=forecast, seed=seed, oracle=solve)
        clock.lap("replay")
    document = _document(problem, reference, rows, {**clock.laps, "total": clock.total}, forecast=forecast, seed=seed)
    if output:
        _write(output, problem, rows, document)
    common.emit(document, gap_text.measured(problem, rows), as_json=json)
    if reference.more.get("termination") == Termination.INTERRUPTED:
        raise typer.Exit(130)
    _end(rows, max_gap)


def _document(
    instance: "Instance", reference: Reference, rows: list["GapRow"], seconds: dict[str, float], **asked: Any
) -> dict[str, Any]:
    return common.envelope(
        SCHEMA,
        instance,
        status=reference.status,
        objective=reference.objective,
        bounds=reference.bounds,
        seconds=seconds,
        formulation=reference.formulation,
        **reference.more,
        **asked,
        rows=[row_document(row) for row in rows],
    )


def row_document(row: "GapRow") -> dict[str, Any]:
    """A row as the JSON answers show it."""
    objective = common.objective_document(row.objective) if row.objective else None
    flat = {name: getattr(row, name) for name in row.__slots__}
    return flat | {"objective": objective, "violations": [asdict(violation) for violation in row.violations]}


def _check_output(output: Path | None) -> None:
    known = (*TABLES, *PICTURES)
    if output and output.suffix not in known:
        raise UsageError(f"-o {output}: the name must end in one of {', '.join(known)}")


def _write(output: Path, instance: "Instance", rows: list["GapRow"], document: dict[str, Any]) -> None:
    from planner.cli import gap_text

    if output.suffix in TABLES:
        common.emit(document, gap_text.as_csv(rows), as_json=output.suffix == ".json", output=output)
        return
    from planner.plots.canvas import figure_of
    from planner.plots.gap_bars import plot_gap_bars
    from planner.plots.save import save_figure

    worst = next((row.gap_to_bound for row in rows if row.policy == "worst"), None)
    axes = plot_gap_bars([(row.policy, row.gap_to_bound) for row in rows if row.policy != "worst"], worst=worst)
    axes.set_title(instance.name)
    save_figure(figure_of(axes), output)
    common.note(f"wrote {output}")


def _specs(instance: "Instance", given: list[str] | None, *, all_policies: bool) -> list[str]:
    if given and all_policies:
        raise UsageError("--policy and --all: name policies or take all of them")
    return policy.known(instance, given) if given else policy.every(instance) if all_policies else policy.ready()


def _solved(result: "SolveResult") -> Reference:
    common.warn(result.warnings)
    more = {
        "termination": result.termination,
        "size": asdict(result.size),
        "versions": result.versions,
        "warnings": result.warnings,
    }
    return Reference(result.objective, result.bounds, result.quality, result.formulation, more)


def _stored(instance: "Instance", path: Path, gap: float, *, as_json: bool) -> Reference:
    """The answer in a plan file. Exit: the judge finds a broken rule or a claim that does not hold."""
    from planner.cli import summary
    from planner.cli.judging import judged

    verdict = judged(instance, path)
    if verdict.violations:
        text = summary.checked(instance, verdict)
        broken = common.envelope(SCHEMA, instance, status="infeasible", violations=verdict.violations)
        common.emit(broken, text, as_json=as_json)
        raise typer.Exit(1)
    if verdict.objective is None:
        raise UsageError(f"--plan {path}: this is a certificate; a plan file is needed")
    to_best = common.gaps(verdict.objective, verdict.bounds)["solver"]
    status = "optimal" if to_best is not None and to_best <= gap else "feasible"
    return Reference(verdict.objective, verdict.bounds, status, verdict.formulation, {"versions": verdict.versions})


def _worst(instance: "Instance") -> Objective | None:
    from planner.bounds.anchors import worst_plan
    from planner.verify.judge import check

    plan = worst_plan(instance)
    if plan is None:
        common.note("no worst schedule was found: positions are left out")
        return None
    return check(instance, plan).objective


def _end(rows: list["GapRow"], max_gap: float | None) -> None:
    """Exit code 3 where a policy failed, 1 where one is not within --max-gap."""
    policies = [row for row in rows if row.policy not in ANCHORS]
    if any(row.error for row in policies):
        raise typer.Exit(PolicyError.exit_code)
    if max_gap is not None and any(row.gap_to_bound is None or row.gap_to_bound > max_gap for row in policies):
        raise typer.Exit(1)
