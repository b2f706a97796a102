"""`forecast score`: how wrong a forecaster was on an instance, by lead."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import InstanceArgument, Json, Output, Quiet, Seed, Verbose
from planner.cli.window import From, Hours, window
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.forecast.score import Score

GROUP = "planner.forecasters"

ForecasterSpec = Annotated[
    str,
    typer.Option("--forecast", metavar="SPEC", help="name:key=value,...", autocompletion=common.completion(GROUP)),
]


class Series(StrEnum):
    """What is forecast."""

    CARBON = "carbon"
    DEMAND = "demand"


OfSeries = Annotated[Series, typer.Option("--series", help="What is forecast.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Forecasters of carbon intensity and demand.", no_args_is_help=True)
    group.callback()(_group)
    group.command("score")(score_command)
    app.add_typer(group, name="forecast")


def _group() -> None:
    """Forecasters of carbon intensity and demand."""


def score_command(
    instance: InstanceArgument,
    forecast: ForecasterSpec,
    series: OfSeries = Series.CARBON,
    start: From = None,
    hours: Hours = None,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Errors by lead (MAE, WAPE, bias) of forecasts made at every midnight UTC, from the second day on."""
    from planner import registry
    from planner.forecast.demand import demand_as_series
    from planner.forecast.score import score
    from planner.io.instances import instance_sha256, load_instance

    problem = window(load_instance(instance), start, hours)
    told = demand_as_series(problem) if series == Series.DEMAND else problem
    forecaster = registry.load(GROUP, forecast, instance=told, seed=seed)
    scores = score(forecaster, told.carbon_intensity_g_per_kwh, told)
    if not scores:
        raise UsageError("no forecast to score: the instance must last more than a day beyond its first midnight")
    names = _names(problem, series)
    document = {
        "schema": "planner.forecast/1",
        "instance": {"name": problem.name, "sha256": instance_sha256(problem)},
        "forecast": forecast,
        "series": series.value,
        "unit": "g/kWh" if series == Series.CARBON else "requests",
        "uses_future": forecaster.uses_future,
        "scores": [{**asdict(s), "series": names[s.series]} for s in scores],
    }
    common.emit(document, _table(names, scores), as_json=json, output=output)


def _names(instance: "Instance", series: Series) -> list[str]:
    """A name for every row of a series."""
    if series == Series.CARBON:
        return [f"{region.name} ({region.grid_zone})" for region in instance.regions]
    return [f"{work.name} from {origin}" for work in instance.workloads for origin in instance.origins]


def _table(names: list[str], scores: "tuple[Score, ...]") -> str:
    rows = (
        (
            names[s.series],
            f"{s.after:g}-{s.until:g} h",
            common.number(s.mae, 4),
            common.share(s.wape),
            common.share(s.median_wape),
            common.number(s.bias, 3),
            str(s.count),
        )
        for s in scores
    )
    return common.table(("series", "lead", "MAE", "WAPE", "median WAPE", "bias", "forecasts"), rows)
