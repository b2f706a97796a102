"""`gap`: policies against the oracle."""

from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common, gap_figures, policy, request_level
from planner.cli import seeds as of_seeds
from planner.cli.common import (
    ForecastSpec,
    Gap,
    InstanceArgument,
    Json,
    NoProgress,
    Output,
    PolicySpecs,
    Quiet,
    Threads,
    TimeLimit,
    Verbose,
)
from planner.cli.gap_figures import Figure, Picture
from planner.cli.outputs import TABLES, require_table_or_picture
from planner.cli.request_level import GAP_SCHEMA as SCHEMA
from planner.cli.request_level import AnySeed, Requests
from planner.cli.rows import row_document
from planner.cli.seeds import Seeds
from planner.cli.window import From, Hours, window
from planner.domain.plan import Plan
from planner.domain.results import Bounds, Objective, Termination
from planner.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import SolveResult
    from planner.metrics.gaps import GapRow
    from planner.metrics.intervals import Interval

    OverSeeds = dict[str, Interval]

ANCHORS = ("optimum", "worst")
RESTRICTED_SECONDS = 10.0  # for each restricted oracle, unless --time-limit says otherwise

All = Annotated[bool, typer.Option("--all", help="Every policy that needs no file, `fixed` in each region.")]
Stored = Annotated[
    Path | None,
    typer.Option("--plan", metavar="PLAN", help="Take the oracle's answer from a plan file, checked first."),
]
MaxGap = Annotated[
    float | None,
    typer.Option("--max-gap", metavar="G", min=0, help="Exit code 1 if a policy has a larger gap, or none."),
]
Attribute = Annotated[bool, typer.Option("--attribute", help="Split each gap into its causes, by verified plans.")]


@dataclass(frozen=True, slots=True)
class Reference:
    """The oracle's answer, solved or stored, and how it came about."""

    plan: Plan
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
    attribute: Attribute = False,
    start: From = None,
    hours: Hours = None,
    requests: Requests = False,
    seed: AnySeed = None,
    seeds: Seeds = None,
    output: Output = None,
    figure: Picture = Figure.BARS,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_progress: NoProgress = False,
) -> None:
    """Policies against the oracle: the table of gaps, worst schedule included.

    With --requests beside the bound that knows every request's latency; without --policy, the published study's rules.
    --attribute splits gaps into forecast error, provisioning, waiting, space and proof. With --seeds what is random is
    replayed with each seed. -o writes the table as .csv or .json, or a picture (.png, .svg, .pdf; --figure). Exit code
    1: a gap is above --max-gap, or the stored plan does not hold. 3: a policy failed; the other rows stand.
    """
    from planner.io.instances import load_instance
    from planner.solve import oracle

    require_table_or_picture(output)
    gap_figures.require_picture(figure, output, attribute=attribute, requests=requests)
    if seeds is not None and (requests or seed is not None):
        raise UsageError("--seeds: leave --seed out; for single requests use `planner replay --requests --seeds`")
    if requests and (plan or attribute):
        raise UsageError("--requests: leave --plan and --attribute out; hourly plans know nothing of requests")
    clock = common.Stopwatch()
    problem = window(load_instance(instance), start, hours)
    clock.lap("read")
    policy.require_forecaster(problem, forecast)
    asked = _Asked(policy_specs, all_policies, forecast, output, figure, json, not no_progress)
    if requests:
        rows = _of_requests(problem, asked, seed)
    else:
        drawn = of_seeds.parse(seeds, request_level.seed_of(seed, requests=False))
        solve = partial(oracle.solve, gap=gap, time_limit=time_limit, threads=threads, seed=drawn[0])
        rows = _of_hours(problem, asked, clock, solve=solve, plan=plan, attribute=attribute, seeds=drawn)
    _end(rows, max_gap)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What both kinds of tables take."""

    policies: list[str] | None
    all_policies: bool
    forecast: str
    output: Path | None
    figure: Figure
    as_json: bool
    progress: bool


def _of_requests(instance: "Instance", asked: _Asked, seed: int | None) -> list["GapRow"]:
    """Single requests, beside the bound that knows the latency of each."""
    own = request_level.gap_answer(
        instance, asked.policies, all_policies=asked.all_policies, forecast=asked.forecast, seed=seed
    )
    if asked.output and asked.figure is Figure.LATENCY:
        gap_figures.draw_latency(asked.output, instance, own.latency_ms)
        asked = replace(asked, output=None)
    _show(instance, asked, own.rows, own.document, own.text)
    return own.rows


def _of_hours(
    instance: "Instance",
    asked: _Asked,
    clock: common.Stopwatch,
    *,
    solve: "partial[SolveResult]",
    plan: Path | None,
    attribute: bool,
    seeds: list[int],
) -> list["GapRow"]:
    """The hourly replay beside the oracle's answer, solved or stored. Exit 130: its solving was interrupted."""
    from planner.cli import gap_text
    from planner.metrics.gaps import gap_table

    specs = _specs(instance, asked.policies, all_policies=asked.all_policies)
    limit = solve.keywords["time_limit"]
    parts = partial(solve, time_limit=RESTRICTED_SECONDS if limit is None else limit) if attribute else None
    with common.reported(SCHEMA, instance, as_json=asked.as_json):
        reference = _stored(instance, asked, plan, solve.keywords["gap"]) if plan else _solved(instance, asked, solve)
        clock.lap("solve")
        worst = _worst(instance)
        clock.lap("worst")
        table = partial(gap_table, instance, result=reference, worst=worst, forecast=asked.forecast, oracle=solve)
        rows = table(specs, seed=seeds[0], restricted=parts)
        drawn = [
            row
            for spec in specs
            if policy.is_random(spec, asked.forecast)
            for seed in seeds[1:]
            for row in table([spec], seed=seed)
        ]
        clock.lap("replay")
    spread = gap_text.over_seeds(rows, drawn)
    of_seeds = {"seed": seeds[0]} | ({"seeds": seeds} if len(seeds) > 1 else {})
    seconds = {**clock.laps, "total": clock.total}
    document = _document(instance, reference, rows, spread, seconds, forecast=asked.forecast, **of_seeds)
    _show(instance, asked, rows, document, gap_text.measured(instance, rows, spread), reference.plan)
    if reference.more.get("termination") == Termination.INTERRUPTED:
        raise typer.Exit(130)
    return rows


def _document(
    instance: "Instance",
    reference: Reference,
    rows: list["GapRow"],
    spread: "OverSeeds",
    seconds: dict[str, float],
    **asked: Any,
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
        rows=[row_document(row) | _spread(spread, row.policy) for row in rows],
    )


def _spread(spread: "OverSeeds", policy_spec: str) -> dict[str, Any]:
    found = spread.get(policy_spec)
    return {} if found is None else {"gap_over_seeds": asdict(found)}


def _show(
    instance: "Instance",
    asked: _Asked,
    rows: list["GapRow"],
    document: dict[str, Any],
    text: str,
    optimum: Plan | None = None,
) -> None:
    from planner.cli import gap_text

    output = asked.output
    if output and output.suffix in TABLES:
        common.emit(document, gap_text.as_csv(rows), as_json=output.suffix == ".json", output=output)
    elif output:
        gap_figures.draw(asked.figure, output, instance, rows, optimum)
    common.emit(document, text, as_json=asked.as_json)


def _specs(instance: "Instance", given: list[str] | None, *, all_policies: bool) -> list[str]:
    if given and all_policies:
        raise UsageError("--policy and --all: name policies or take all of them")
    return policy.known(instance, given) if given else policy.every(instance) if all_policies else policy.ready()


def _solved(instance: "Instance", asked: _Asked, solve: "partial[SolveResult]") -> Reference:
    result = solve(instance, progress=common.progress(no_progress=not asked.progress))
    common.warn(result.warnings)
    more = {
        "termination": result.termination,
        "size": asdict(result.size),
        "versions": result.versions,
        "warnings": result.warnings,
    }
    return Reference(result.plan, result.objective, result.bounds, result.quality, result.formulation, more)


def _stored(instance: "Instance", asked: _Asked, path: Path, gap: float) -> Reference:
    """The answer in a plan file. Exit: the judge finds a broken rule or a claim that does not hold."""
    from planner.cli import summary
    from planner.cli.judging import judged

    verdict = judged(instance, path)
    if verdict.violations:
        text = summary.checked(instance, verdict)
        broken = common.envelope(SCHEMA, instance, status="infeasible", violations=verdict.violations)
        common.emit(broken, text, as_json=asked.as_json)
        raise typer.Exit(1)
    if verdict.objective is None or verdict.plan is None:
        raise UsageError(f"--plan {path}: this is a certificate; a plan file is needed")
    to_best = common.gaps(verdict.objective, verdict.bounds)["solver"]
    status = "optimal" if to_best is not None and to_best <= gap else "feasible"
    more = {"versions": verdict.versions}
    return Reference(verdict.plan, verdict.objective, verdict.bounds, status, verdict.formulation, more)


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
