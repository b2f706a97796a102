"""`planner data trace`: published and own traces -> a demand series."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose
from planner.cli.window import utc

if TYPE_CHECKING:
    from planner.data.demand.series import DemandSeries

FORMATS = (
    "google-2019, alibaba-2018, alibaba-gpu, azure-llm, servegen, azure-functions, plain, jobs-hourly, otlp, cloud-run"
)


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(trace)


def trace(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="The file or files of one trace, plain or gzipped.")
    ],
    origin: Annotated[str, typer.Option("--from", metavar="FORMAT", help=f"{FORMATS}.")],
    step: Annotated[int, typer.Option("--step", metavar="MIN", help="Minutes of a step.", show_default=True)] = 60,
    start: Annotated[
        str | None, typer.Option("--start", metavar="TIME", help="Keep the steps from here on, UTC.")
    ] = None,
    hours: Annotated[int | None, typer.Option("--hours", metavar="H", help="Keep so many hours.")] = None,
    deadline_factor: Annotated[
        float, typer.Option("--deadline-factor", metavar="F", help="A job is due F times its length after it arrives.")
    ] = 1.5,
    jobs_as: Annotated[
        str, typer.Option("--jobs-as", metavar="WHAT", help="jobs; or counts of tasks or unit-hours (CPU-, GPU-hours).")
    ] = "jobs",
    epoch: Annotated[
        str | None, typer.Option("--epoch", metavar="TIME", help="The instant of time 0 in a trace of numbers.")
    ] = None,
    time_zone: Annotated[str, typer.Option("--timezone", metavar="ZONE", help="Of times that name none.")] = "UTC",
    unit: Annotated[
        str, typer.Option("--unit", metavar="U", help="Of numbers whose format leaves it open: s, ms, us or ns.")
    ] = "s",
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Count the requests of a trace step by step, or list its jobs with deadlines, as CSV.

    What publishers are known to have left broken is left out and counted; anything else ends with its line.
    """
    from planner.data.demand.files import demand_csv
    from planner.data.demand.traces.formats import read_trace
    from planner.data.demand.traces.options import TraceOptions
    from planner.io.atomic import write_text

    began, zero = (None if text is None else utc(text, name) for text, name in ((start, "--start"), (epoch, "--epoch")))
    options = TraceOptions(step, began, hours, deadline_factor, jobs_as, zero, time_zone, unit)
    found = read_trace(origin, files, options)
    for note in found.notes:
        common.note(note)
    if output is not None:
        write_text(output, demand_csv(found))
        common.note(f"wrote {output}: {said(found)}")
    if json:
        print(common.to_json(_document(found)))
    elif output is None:
        print(demand_csv(found), end="")


def said(series: "DemandSeries") -> str:
    """What a series holds, in a line."""
    total = f"{series.requests.sum():,} requests" if series.jobs is None else f"{len(series.jobs):,} jobs"
    span = f"{series.start:%Y-%m-%dT%H:%MZ} to {series.end:%Y-%m-%dT%H:%MZ}"
    return f"{total} of {', '.join(series.workloads)}, {span}, steps of {series.step_minutes} minutes"


def _document(series: "DemandSeries") -> dict[str, Any]:
    return {
        "schema": "planner.data-trace/1",
        "source": series.source,
        "licence": series.licence,
        "start": f"{series.start:%Y-%m-%dT%H:%M:%SZ}",
        "steps": len(series.times),
        "step_minutes": series.step_minutes,
        "requests": dict(zip(series.workloads, series.requests.sum(axis=1).tolist(), strict=True)),
        "jobs": 0 if series.jobs is None else len(series.jobs),
        "notes": series.notes,
    }
