"""`pareto`: the exact front of carbon against cost or SLO violations, beneath the policies."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from planner.cli import common, policy
from planner.cli.common import (
    ForecastSpec,
    Gap,
    InstanceArgument,
    Json,
    Output,
    PolicySpecs,
    Quiet,
    Seed,
    Threads,
    TimeLimit,
    Verbose,
    number,
    share,
)
from planner.cli.outputs import PICTURES, csv_text, require_table_or_picture, save
from planner.cli.window import From, Hours, window
from planner.errors import PolicyError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from planner.domain.instance import Instance
    from planner.metrics.pareto import Against, Point

SCHEMA = "planner.pareto/1"

AgainstOption = Annotated[Literal["cost", "violations"], typer.Option(help="What carbon is weighed against.")]
Points = Annotated[int, typer.Option("--points", metavar="N", min=2, help="Points of the front.", show_default=True)]
Places = Mapping[str, tuple[float, float] | None]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("pareto")(pareto)


def pareto(
    instance: InstanceArgument,
    against: AgainstOption = "violations",
    points: Points = 11,
    policy_specs: PolicySpecs = None,
    forecast: ForecastSpec = "persistence",
    gap: Gap = 1e-4,
    time_limit: TimeLimit = None,
    threads: Threads = 1,
    start: From = None,
    hours: Hours = None,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The exact Pareto front of carbon against cost or SLO violations, by verified plans.

    The policies named stand above it, each with a point of the front at its own carbon. -o writes .csv, .json or the
    trade-off curve (.png, .svg, .pdf). Exit code 3: a policy failed.
    """
    from planner.domain.results import ReplayResult
    from planner.io.instances import load_instance
    from planner.metrics.gaps import attempt
    from planner.metrics.pareto import front, place
    from planner.solve import oracle

    require_table_or_picture(output)
    clock = common.Stopwatch()
    problem = window(load_instance(instance), start, hours)
    policy.require_forecaster(problem, forecast)
    specs = policy.known(problem, policy_specs or [])
    runs = [attempt(problem, spec, forecast=forecast, seed=seed) for spec in specs]
    errors = {run.policy: run.error for run in runs if not isinstance(run, ReplayResult)}
    places = {run.policy: place(problem, run.plan, against) for run in runs if isinstance(run, ReplayResult)}
    solve = partial(oracle.solve, gap=gap, time_limit=time_limit, threads=threads, seed=seed)
    with common.reported(SCHEMA, problem, as_json=json):
        found = front(problem, against, points=points, also=[at[0] for at in places.values() if at], oracle=solve)
    document = common.envelope(
        SCHEMA,
        problem,
        status="feasible",
        seconds={"total": clock.total},
        versions=common.versions(),
        against=against,
        forecast=forecast,
        seed=seed,
        front=[{"carbon_kg": point.carbon_kg, against: point.other, "gap": point.gap} for point in found],
        policies=[_placed(name, places.get(name), against, errors.get(name)) for name in (*places, *errors)],
    )
    if output and output.suffix in PICTURES:
        save(_axes(problem, found, places, against), output, title=problem.name)
    elif output:
        common.emit(document, _as_csv(found, places, against), as_json=output.suffix == ".json", output=output)
    common.emit(document, _text(problem, found, places, against, errors), as_json=json)
    if errors:
        raise typer.Exit(PolicyError.exit_code)


def _placed(name: str, at: tuple[float, float] | None, against: str, error: str | None) -> dict[str, Any]:
    carbon, other = at or (None, None)
    return {"policy": name, "carbon_kg": carbon, against: other, "error": error}


def _text(
    instance: "Instance", found: Sequence["Point"], places: Places, against: str, errors: Mapping[str, str | None]
) -> str:
    cells = [["front", number(p.carbon_kg, 8), number(p.other, 8), share(p.gap)] for p in found]
    cells += [[name, *(number(value, 8) for value in at), "-"] for name, at in places.items() if at]
    unit = "cost USD" if against == "cost" else "violations"
    broken = [f"{name}: its plan breaks a rule, or misses requests" for name, at in places.items() if not at]
    lone = ["one plan is best in both: there is nothing to trade"] if len(found) == 1 else []
    table = common.table(["", "carbon kg", unit, "gap"], cells)
    return "\n".join([instance.name, table, *lone, *broken, *(str(error) for error in errors.values())])


def _as_csv(found: Sequence["Point"], places: Places, against: str) -> str:
    """One line a point: the front's, then the policies'."""
    header = ["point", "carbon_kg", "cost_usd" if against == "cost" else "violations", "gap"]
    points = [["front", point.carbon_kg, point.other, point.gap] for point in found]
    return csv_text([header, *points, *([name, *at, None] for name, at in places.items() if at)])


def _axes(instance: "Instance", found: Sequence["Point"], places: Places, against: "Against") -> "Axes":
    from planner.plots.tradeoff import plot_tradeoff

    requests = int(instance.requests.sum()) + sum(job.requests for job in instance.jobs)
    scale, label = (
        (1.0, "cost (USD)") if against == "cost" else (100 / max(1, requests), "SLO violations (% of requests)")
    )
    whole = instance.provisioning or bool((instance.batches().share_unit > 0).any()) or instance.hour_map is not None
    return plot_tradeoff(
        [(scale * point.other, point.carbon_kg) for point in found],
        [(name, scale * at[1], at[0]) for name, at in places.items() if at],
        other=label,
        convex=not whole,
    )
