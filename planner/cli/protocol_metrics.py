"""`planner protocol metrics`: what Cloud Run would report of a scenario, as one file."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.protocol.metrics.scenario import ScenarioMetrics
    from planner.protocol.metrics.services import Service

Scenario = Annotated[str, typer.Option("--scenario", metavar="A|B|C", help="Whose requests count.")]
Logs = Annotated[
    list[Path] | None, typer.Option("--log", metavar="FILE", help="Request logs, JSON lines (repeat); or --project.")
]
Experiment = Annotated[str | None, typer.Option("--experiment", metavar="ID", help="Whose, where logs hold several.")]
Start = Annotated[str | None, typer.Option("--start", metavar="TIME", help="The window, UTC; else all of the logs.")]
End = Annotated[str | None, typer.Option("--end", metavar="TIME", help="Its end, which is outside.")]
Urls = Annotated[
    list[str] | None,
    typer.Option(
        "--url", metavar="[REGION=]URL", help="A service to count (repeat); else all. REGION= for loopback URLs."
    ),
]
Project = Annotated[
    str | None, typer.Option("--project", metavar="ID", help="A Google Cloud project, read by its Cloud Monitoring.")
]
Endpoint = Annotated[
    str | None, typer.Option("--endpoint", metavar="URL", help="Of Cloud Monitoring, if not Google's.")
]


def register(group: typer.Typer) -> None:
    """Add the command of this file."""
    group.command("metrics")(metrics_command)


def metrics_command(
    scenario: Scenario,
    log: Logs = None,
    experiment: Experiment = None,
    start: Start = None,
    end: End = None,
    url: Urls = None,
    project: Project = None,
    endpoint: Endpoint = None,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Requests, latency, utilisation, billable time and bytes of a scenario by service and region; -o writes JSON."""
    from planner.protocol.metrics.services import service_of

    services = tuple(map(service_of, url or ()))
    window = _moment("--start", start), _moment("--end", end)
    if bool(log) == bool(project):
        raise UsageError("give the request logs, --log FILE, or a project, --project ID")
    if project:
        found = _of_project(project, endpoint, scenario, window, services, experiment)
    else:
        found = _of_logs(log or [], scenario, window, services, experiment)
    common.emit(found.document(), _table(found), as_json=json or output is not None, output=output)
    common.note("\n".join(_words(found)))


def _of_logs(
    paths: list[Path],
    scenario: str,
    window: tuple[datetime | None, datetime | None],
    services: "tuple[Service, ...]",
    experiment: str | None,
) -> "ScenarioMetrics":
    from planner.protocol.metrics.local import Window, metrics_of_logs

    asked = Window(start=window[0], end=window[1], experiment_id=experiment, services=services)
    return metrics_of_logs(paths, scenario, asked)


def _of_project(
    project: str,
    endpoint: str | None,
    scenario: str,
    window: tuple[datetime | None, datetime | None],
    services: "tuple[Service, ...]",
    experiment: str | None,
) -> "ScenarioMetrics":
    from planner.protocol.metrics.monitoring import ENDPOINT, Monitoring, default_token, metrics_of_project

    start, end = window
    if start is None or end is None or any(moment.minute or moment.second for moment in (start, end)):
        raise UsageError("--project needs a window of full hours: --start TIME --end TIME")
    token = default_token()
    import httpx

    with httpx.Client(timeout=60.0) as client:
        source = Monitoring(project, client, token=token, endpoint=endpoint or ENDPOINT)
        return metrics_of_project(source, scenario, (start, end), services=services, experiment_id=experiment or "")


def _moment(option: str, text: str | None) -> datetime | None:
    from planner.io.clock import parse_utc

    return None if text is None else parse_utc(text, option)


def _table(found: "ScenarioMetrics") -> str:
    head = ("service", "region", "requests", "mean ms", "p95 ms", "CPU", "memory", "billable s", "sent B", "received B")
    rows = (
        (
            s.service,
            s.region,
            str(s.requests),
            common.number(s.latency_ms.mean if s.latency_ms else None, 4),
            common.number(s.latency_ms.p95 if s.latency_ms else None, 4),
            common.share(s.cpu_utilisation),
            common.share(s.memory_utilisation),
            common.number(s.billable_instance_seconds, 6),
            str(s.bytes_sent),
            str(s.bytes_received),
        )
        for s in found.services
    )
    return common.table(head, rows, left=2)


def _words(found: "ScenarioMetrics") -> list[str]:
    words = [f"scenario {found.scenario}, {found.start} to {found.end}, from {found.source}"]
    if not found.by_hour:
        counts = f"{len(found.repeated)} repeated, {len(found.unfinished)} without a result"
        words.append(f"{len(found.executions):,} committed executions, {counts}")
    return words
