"""`replay`: policies hour by hour, as they would have run; with `gap` and `policy` in files of their own."""

from typing import TYPE_CHECKING, Any

import typer

from planner.cli import common, gap, policy
from planner.cli.common import ForecastSpec, InstanceArgument, Json, Output, PolicySpecs, Quiet, Seed, Verbose
from planner.errors import PolicyError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import ReplayResult
    from planner.metrics.gaps import GapRow

SCHEMA = "planner.replay/1"


def register(app: typer.Typer) -> None:
    """Add the commands that run policies."""
    app.command("replay")(replay)
    gap.register(app)
    policy.register(app)


def replay(
    instance: InstanceArgument,
    policy_specs: PolicySpecs = None,
    forecast: ForecastSpec = "persistence",
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Replay policies (all that need no parameter, unless --policy names some) and judge their plans.

    Exit code 1: a plan breaks a hard rule. 3: a policy failed; the others' rows stand.
    """
    from planner.cli import gap_text
    from planner.io.instances import load_instance
    from planner.metrics.gaps import GapRow, attempt
    from planner.solve.versions import versions

    clock = common.Stopwatch()
    problem = load_instance(instance)
    clock.lap("read")
    policy.require_forecaster(problem, forecast)
    specs = policy.known(problem, policy_specs) if policy_specs else policy.ready()
    runs = [attempt(problem, spec, forecast=forecast, seed=seed) for spec in specs]
    clock.lap("replay")
    rows = [run if isinstance(run, GapRow) else _row(run) for run in runs]
    more = [{} if isinstance(run, GapRow) else _places(problem, run) for run in runs]
    document = common.envelope(
        SCHEMA,
        problem,
        status="infeasible" if any(row.violations for row in rows) else "feasible",
        seconds={**clock.laps, "total": clock.total},
        versions=versions(),
        forecast=forecast,
        seed=seed,
        rows=[gap.row_document(row) | extra for row, extra in zip(rows, more, strict=True)],
    )
    common.emit(document, gap_text.replayed(problem, rows, more), as_json=json, output=output)
    _end(rows)


def _row(run: "ReplayResult") -> "GapRow":
    from planner.metrics.gaps import row_of
    from planner.metrics.yardstick import Yardstick

    return row_of(run, Yardstick())


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
