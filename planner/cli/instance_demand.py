"""`planner instance demand`: a demand series in place of an instance's demand."""

from pathlib import Path
from typing import Annotated

import typer

from planner.cli.common import InstanceArgument, Quiet, Seed, Verbose
from planner.cli.instance_build import File, write
from planner.cli.window import utc


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(demand)


def demand(
    instance: InstanceArgument,
    series: Annotated[
        Path, typer.Option("--series", metavar="FILE", help="A file of `planner data trace`, or like one.")
    ],
    output: File,
    workload: Annotated[
        list[str] | None,
        typer.Option(
            "--workload", metavar="W[=S]", help="Workload W gets series S, or all series (repeat). Default: by name."
        ),
    ] = None,
    origin: Annotated[
        str | None, typer.Option("--origin", metavar="O", help="Where all of it comes from. Default: split as before.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="The time of the series that becomes the instance's start."),
    ] = None,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Begin a series that is too short again, by whole days.")
    ] = False,
    scale: Annotated[
        float, typer.Option("--scale", metavar="X", help="Times so many requests, or so wide jobs.", show_default=True)
    ] = 1.0,
    sample: Annotated[int | None, typer.Option("--sample", metavar="N", help="Keep N jobs, drawn by --seed.")] = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put the demand of a trace into an instance: requests by period, or jobs with deadlines."""
    from planner.data.demand.files import read_demand
    from planner.data.demand.into import with_demand
    from planner.data.demand.placing import Placing
    from planner.io.instances import load_instance

    pairs = {name: column or None for name, _, column in (text.partition("=") for text in workload or ())}
    start = None if at is None else utc(at, "--at")
    problem = load_instance(instance)
    full = with_demand(problem, read_demand(series), Placing(pairs, origin, start, repeat, scale, sample, seed))
    write(full.replace(name=f"{problem.name}+{series.name.partition('.')[0]}"), output)
