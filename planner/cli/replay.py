"""`replay`: policies hour by hour, or request by request, as they would have run; `gap` and `policy` beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

from planner.cli import common, gap, pareto, policy, profile, request_level, sweep
from planner.cli import seeds as of_seeds
from planner.cli.common import ForecastSpec, InstanceArgument, Json, Output, PolicySpecs, Quiet, Verbose
from planner.cli.request_level import AnySeed, Requests
from planner.cli.rows import row_document
from planner.cli.seeds import Seeds
from planner.cli.window import From, Hours, window
from planner.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import ReplayResult
    from planner.metrics.gaps import GapRow

SCHEMA = "planner.replay/1"


@dataclass(frozen=True, slots=True)
class Ran:
    """One seed's rows, the same as JSON and as text."""

    rows: list["GapRow"]
    documents: list[dict[str, Any]]
    text: str


def register(app: typer.Typer) -> None:
    """Add the commands that run policies."""
    app.command("replay")(replay)
    gap.register(app)
    sweep.register(app)
    pareto.register(app)
    profile.register(app)
    policy.register(app)


def replay(
    instance: InstanceArgument,
    policy_specs: PolicySpecs = None,
    forecast: ForecastSpec = "persistence",
    requests: Requests = False,
    seed: AnySeed = None,
    seeds: Seeds = None,
    start: From = None,
    hours: Hours = None,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Replay policies (all that need no parameter, unless --policy names some) and judge their plans.

    With --requests every request is drawn, queued at its pool and measured; without --policy, by the rules of the
    published five-region study. Exit code 1: a plan breaks a hard rule. 3: a policy failed; the others' rows stand.
    """
    from planner.io.instances import load_instance
    from planner.solve.versions import versions

    if seed is not None and seeds is not None:
        raise UsageError("--seed and --seeds: name one seed or several")
    clock = common.Stopwatch()
    problem = window(load_instance(instance), start, hours)
    clock.lap("read")
    policy.require_forecaster(problem, forecast)
    used = of_seeds.parse(seeds, request_level.seed_of(seed, requests=requests))
    specs = request_level.specs(problem, policy_specs) if requests else _specs(problem, policy_specs)
    play = _by_request if requests else _by_hour
    runs = [play(problem, specs, forecast, each) for each in used]
    clock.lap("replay")
    rows = [row for run in runs for row in run.rows]
    documents = [document for run in runs for document in run.documents]
    summary = of_seeds.summary(documents) if len(runs) > 1 else None
    several: dict[str, Any] = {} if summary is None else {"seeds": used, "summary": summary}
    document = common.envelope(
        SCHEMA,
        problem,
        status="infeasible" if any(row.violations for row in rows) else "feasible",
        seconds={**clock.laps, "total": clock.total},
        versions=versions(),
        forecast=forecast,
        seed=used[0] if len(used) == 1 else None,
        rows=documents,
        **several,
    )
    text = runs[0].text if summary is None else of_seeds.text(problem.name, summary)
    common.emit(document, text, as_json=json, output=output)
    _end(rows)


def _specs(instance: "Instance", given: list[str] | None) -> list[str]:
    return policy.known(instance, given) if given else policy.ready()


def _by_hour(instance: "Instance", specs: list[str], forecast: str, seed: int) -> Ran:
    from planner.cli import gap_text
    from planner.metrics.gaps import GapRow, attempt

    runs = [attempt(instance, spec, forecast=forecast, seed=seed) for spec in specs]
    rows = [run if isinstance(run, GapRow) else _row(instance, run) for run in runs]
    more = [{} if isinstance(run, GapRow) else _places(instance, run) for run in runs]
    documents = [row_document(row) | {"seed": seed} | extra for row, extra in zip(rows, more, strict=True)]
    return Ran(rows, documents, gap_text.replayed(instance, rows, more))


def _by_request(instance: "Instance", specs: list[str], forecast: str, seed: int) -> Ran:
    from planner.cli import request_text
    from planner.metrics.request_level import request_rows

    rows = request_rows(instance, specs, forecast=forecast, seed=seed)
    documents = [request_level.document_of(instance, row) for row in rows]
    return Ran([row.row for row in rows], documents, request_text.replayed(instance, rows))


def _row(instance: "Instance", run: "ReplayResult") -> "GapRow":
    from planner.metrics.gaps import row_of
    from planner.metrics.yardstick import Yardstick

    return row_of(instance, run, Yardstick())


def _places(instance: "Instance", run: "ReplayResult") -> dict[str, Any]:
    from planner.metrics.served import served

    told = served(instance, run.plan)
    regions = (region.name for region in instance.regions)
    rates = zip((work.name for work in instance.workloads), told.violation_rate.tolist(), strict=True)
    return {
        "mean_carbon_intensity_g_per_kwh": told.mean_carbon_intensity,
        "requests_by_region": dict(zip(regions, told.requests_by_region.tolist(), strict=True)),
        "by_workload": {name: {"slo_violation_rate": rate} for name, rate in rates},
    }


def _end(rows: list["GapRow"]) -> None:
    if any(row.error for row in rows):
        raise typer.Exit(PolicyError.exit_code)
    if any(row.violations for row in rows):
        raise typer.Exit(1)
