"""`planner protocol dispatch`: the service of scenario C."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import ForecastSpec, InstanceArgument, Quiet, Seed, Verbose
from planner.cli.protocol_options import region_urls
from planner.errors import UsageError
from planner.extras import require_extra

if TYPE_CHECKING:
    from planner.protocol.dispatcher.app import Dispatcher
    from planner.protocol.dispatcher.auth import IdTokens, SharedSecret
    from planner.protocol.dispatcher.calls import Regions
    from planner.protocol.dispatcher.queue import Queue

TOKEN = "PLANNER_TOKEN"  # noqa: S105 - a variable's name

PolicySpec = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="SPEC",
        help="NAME[:key=value,...] from `planner policy list`.",
        autocompletion=common.completion("planner.policies"),
    ),
]
RegionUrls = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="NAME=URL", help="Where a region's functions are; {function} allowed (repeat)."),
]
QueueFile = Annotated[Path, typer.Option("--queue", metavar="FILE", help="SQLite file of the durable queue.")]
CloudQueue = Annotated[
    str | None, typer.Option("--cloud-tasks", metavar="QUEUE", help="projects/P/locations/L/queues/Q in its place.")
]
OwnUrl = Annotated[str | None, typer.Option("--own-url", metavar="URL", help="This service, as Cloud Tasks sees it.")]
Account = Annotated[str | None, typer.Option("--account", metavar="EMAIL", help="Service account of the pushes.")]
Callers = Annotated[
    list[str] | None,
    typer.Option("--caller", metavar="EMAIL", help=f"Who may call, by ID token (repeat); none: ${TOKEN} is asked for."),
]
Prefix = Annotated[str, typer.Option("--prefix", metavar="URI", help="All storage URIs lie under it.")]
Log = Annotated[Path | None, typer.Option("--log", metavar="FILE", help="A line for each request; else stdout.")]
Events = Annotated[
    Path | None, typer.Option("--events", metavar="FILE", help="A line for each later decision, execution and result.")
]
Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="To listen on.", show_default=True)]
Port = Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0: any.", show_default=True)]
Supervised = Annotated[
    bool, typer.Option("--supervised", help="Say the port on stdout, end when stdin closes.", hidden=True)
]
MostWaiting = Annotated[
    int, typer.Option("--most-waiting", metavar="N", min=1, help="Above it new work is turned away.", show_default=True)
]
MostCalls = Annotated[
    int, typer.Option("--most-calls", metavar="N", min=1, help="Executions at a time.", show_default=True)
]


def register(group: typer.Typer) -> None:
    """Add the command of this file to `planner protocol`."""
    group.command("dispatch")(dispatch)


def dispatch(
    instance: InstanceArgument,
    prefix: Prefix,
    region: RegionUrls = None,
    policy: PolicySpec = "threshold",
    forecast: ForecastSpec = "persistence",
    queue: QueueFile = Path("queue.db"),
    cloud_tasks: CloudQueue = None,
    own_url: OwnUrl = None,
    account: Account = None,
    caller: Callers = None,
    log: Log = None,
    events: Events = None,
    host: Host = "127.0.0.1",
    port: Port = 8080,
    most_waiting: MostWaiting = 1_000_000,
    most_calls: MostCalls = 150,
    seed: Seed = 0,
    supervised: Supervised = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Serve scenario C until SIGTERM: a policy decides region and hour of each invocation, a durable queue keeps it.

    The clock is that of PLANNER_CLOCK, the machine's where it is not set. Needs planner[serve].
    """
    require_extra("serve", "the dispatcher needs", "fastapi", "httpx", "prometheus_client", "uvicorn")
    from planner.io.instances import load_instance
    from planner.protocol.clock import shared_clock
    from planner.protocol.dispatcher.app import Dispatcher, create_app
    from planner.protocol.dispatcher.calls import Caller
    from planner.protocol.dispatcher.decider import Decider
    from planner.protocol.dispatcher.journal import Journal
    from planner.protocol.functions.serving import serve
    from planner.protocol.functions.traffic import Traffic
    from planner.protocol.log import LineLog

    problem, traffic = load_instance(instance), Traffic()
    regions, tokens = _regions(region or []), _tokens(caller or [], own_url)
    regions.require([r.name for r in problem.regions])
    parts = Dispatcher(
        decider=Decider(problem, policy, forecast=forecast, seed=seed),
        open_queue=_queue(queue, cloud_tasks, own_url, account, regions),
        caller=lambda: Caller(regions, tokens),
        guard=tokens,
        clock=shared_clock(),
        traffic=traffic,
        prefix=prefix,
        log=Journal(LineLog(log)),
        events=Journal(LineLog(events)),
        most_waiting=most_waiting,
        most_calls=most_calls,
    )
    _serve(parts, create_app, lambda app: serve(app, traffic, host=host, port=port, supervised=supervised, http="auto"))


def _serve(parts: "Dispatcher", make: Callable[["Dispatcher"], Any], run: Callable[[Any], None]) -> None:
    try:
        run(make(parts))
    finally:
        parts.log.close()
        parts.events.close()


def _regions(given: list[str]) -> "Regions":
    from planner.protocol.dispatcher.calls import Regions

    return Regions(region_urls(given))


def _tokens(callers: list[str], own_url: str | None) -> "SharedSecret | IdTokens":
    from planner.protocol.dispatcher.auth import IdTokens, SharedSecret

    if callers:
        return IdTokens(_needed(own_url, "--own-url"), callers)
    # Without a secret nobody could tell who calls: a variable that was forgotten must not open the door.
    return SharedSecret(_needed(os.environ.get(TOKEN), f"the environment variable {TOKEN}"))


def _queue(
    file: Path, cloud: str | None, own_url: str | None, account: str | None, regions: "Regions"
) -> "Callable[[], Queue]":
    if cloud is None:
        from planner.protocol.dispatcher.queue_sqlite import SqliteQueue

        return lambda: SqliteQueue(file)
    from planner.protocol.dispatcher.queue_cloud_tasks import CloudTasksQueue, ServiceAccount

    own, signer, access = _needed(own_url, "--own-url"), _needed(account, "--account"), ServiceAccount()
    return lambda: CloudTasksQueue(cloud, own_url=own, account=signer, regions=regions, access=access)


def _needed(value: str | None, name: str) -> str:
    if not value:
        raise UsageError(f"{name} is needed")
    return value
