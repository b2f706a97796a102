"""`planner protocol run`: the hourly job that makes the invocations of a scenario."""

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Json, Quiet, Verbose
from planner.cli.protocol_options import hours_from, region_urls
from planner.errors import UsageError
from planner.extras import require_extra

if TYPE_CHECKING:
    from planner.protocol.clock import Clock
    from planner.protocol.dispatcher.auth import Tokens
    from planner.protocol.routes import Hours
    from planner.protocol.runner import Runner, Summary

TOKEN = "PLANNER_TOKEN"  # noqa: S105 - a variable's name
ON_CLOUD_RUN = "CLOUD_RUN_JOB"  # set in its jobs

Scenario = Annotated[str, typer.Option("--scenario", metavar="A|B|C", help="Who decides where and when.")]
Experiment = Annotated[str, typer.Option("--experiment", metavar="ID", help="In every log line.")]
Data = Annotated[
    str, typer.Option("--data", metavar="PREFIX", help="Folder (also file://) or gs://BUCKET/FOLDER of the data set.")
]
RegionUrls = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="NAME=URL", help="Where a region's functions are; {function} allowed (repeat)."),
]
MapFile = Annotated[Path | None, typer.Option("--map", metavar="FILE", help="B: hours and regions, of `planner map`.")]
DispatcherUrl = Annotated[str | None, typer.Option("--dispatcher", metavar="URL", help="C: who takes all invocations.")]
FirstHour = Annotated[str | None, typer.Option("--hour", metavar="TIME", help="UTC; by default that which it is.")]
HourCount = Annotated[int, typer.Option("--hours", metavar="N", min=1, help="One after the other.", show_default=True)]
ClockSpec = Annotated[
    str,
    typer.Option(
        "--clock", metavar="CLOCK", envvar="PLANNER_CLOCK", help="real, or START[@EPOCH]*SPEED for a virtual one."
    ),
]
Log = Annotated[Path | None, typer.Option("--log", metavar="FILE", help="A line for each invocation; else stdout.")]


def register(group: typer.Typer) -> None:
    """Add the command of this file."""
    group.command("run")(run_command)


def run_command(
    scenario: Scenario,
    experiment: Experiment,
    data: Data = "protocol-data",
    region: RegionUrls = None,
    hour_map: MapFile = None,
    dispatcher: DispatcherUrl = None,
    hour: FirstHour = None,
    hours: HourCount = 1,
    clock: ClockSpec = "real",
    log: Log = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the invocations of an hour, each at its own second; exit code 1 if one got no positive answer.

    Services are called with the bearer token in PLANNER_TOKEN, on Cloud Run with ID tokens. Needs planner[serve].
    """
    require_extra("serve", "the runner needs", "httpx", "pydantic")
    from planner.protocol.clock import parse_clock
    from planner.protocol.dispatcher.calls import Regions
    from planner.protocol.log import LineLog
    from planner.protocol.routes import route
    from planner.protocol.runner import Runner

    time = parse_clock(clock)
    asked, urls = _hours(hour, hours, time), region_urls(region or [])
    runner = Runner(
        experiment_id=experiment,
        scenario=scenario,
        data=_uri(data),
        route=route(scenario, Regions(urls), names=[*urls], hour_map=hour_map, dispatcher=dispatcher, hours=asked),
        tokens=_tokens(),
        clock=time,
        log=LineLog(log),
    )
    summary = _ran(runner, asked)
    if log:
        common.emit(summary.document(), _text(summary), as_json=json)
    else:  # stdout has the lines
        common.note(_text(summary))
    if summary.failed:
        raise typer.Exit(1)


def _ran(runner: "Runner", hours: "Hours") -> "Summary":
    try:
        return asyncio.run(runner.run(hours))
    finally:
        runner.log.close()


def _hours(first: str | None, count: int, clock: "Clock") -> "Hours":
    from planner.protocol.routes import Hours
    from planner.protocol.runner import full_hour

    return Hours(full_hour(clock.now()), count) if first is None else hours_from(first, count, "--hour")


def _uri(data: str) -> str:
    return data if "://" in data else Path(data).resolve().as_uri()


def _tokens() -> "Tokens":
    from planner.protocol.dispatcher.auth import IdTokens, SharedSecret

    secret = os.environ.get(TOKEN)
    if secret:
        return SharedSecret(secret)
    if os.environ.get(ON_CLOUD_RUN):
        return IdTokens("", ())  # nobody calls a job: it only asks for tokens
    raise UsageError(f"set the environment variable {TOKEN} to the secret that the services ask for")


def _text(found: "Summary") -> str:
    counts = f"{found.invocations:,} invocations, {found.repeated} repeated, {len(found.failed)} without success"
    lines = [
        f"{found.hours} h from {found.first_hour}, trace sha256 {found.trace_sha256}",
        f"{counts}; sent at most {found.late_seconds:.1f} s late",
        *(f"failed: {event_id}" for event_id in found.failed),
    ]
    return "\n".join(lines)
