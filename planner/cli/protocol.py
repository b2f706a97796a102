"""`planner protocol`: the serverless evaluation with scenarios A, B and C."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import (
    common,
    protocol_compare,
    protocol_demo,
    protocol_deploy,
    protocol_dispatch,
    protocol_functions,
    protocol_metrics,
    protocol_run,
)
from planner.cli.common import Json, Output, Quiet, Seed, Verbose
from planner.errors import UsageError

Start = Annotated[str, typer.Option("--start", metavar="TIME", help="First hour, UTC.")]
Days = Annotated[int, typer.Option("--days", metavar="N", help="Length.", show_default=True)]
InstanceFile = Annotated[
    Path | None,
    typer.Option("--instance", metavar="FILE", help="Write the same as an instance, on synthetic grids (--seed)."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="The serverless evaluation protocol: scenarios A, B and C.", no_args_is_help=True)
    group.callback()(_group)
    group.command("trace")(trace_command)
    protocol_dispatch.register(group)
    protocol_run.register(group)
    protocol_functions.register(group)
    protocol_metrics.register(group)
    protocol_compare.register(group)
    protocol_deploy.register(group)
    protocol_demo.register(group)
    app.add_typer(group, name="protocol")


def _group() -> None:
    """The serverless evaluation protocol: scenarios A, B and C."""


def trace_command(
    start: Start = "2026-06-01T00:00Z",
    days: Days = 7,
    instance: InstanceFile = None,
    seed: Seed = 0,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """The invocations that every scenario makes, one JSON line each; their hash shows that they are the same."""
    from planner.protocol.trace import lines, trace, trace_sha256

    first = _moment(start)
    rows = list(lines(trace(first, days)))
    found = {"schema": "planner.protocol-trace/1", "sha256": trace_sha256(first, days), "invocations": len(rows)}
    common.emit(found, "".join(rows).rstrip("\n"), as_json=json, output=output)
    common.note(f"{len(rows):,} invocations, sha256 {found['sha256']}")
    if instance:
        _write_instance(first, days, seed, instance)


def _write_instance(start: datetime, days: int, seed: int, path: Path) -> None:
    from planner.data.faas import protocol_days
    from planner.io.instances import save_instance

    save_instance(protocol_days(start, days, seed=seed), path)
    common.note(f"wrote {path}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--start must be a time such as 2026-06-01T00:00Z, not {text}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
