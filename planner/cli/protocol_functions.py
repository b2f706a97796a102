"""`planner protocol dataset` and `planner protocol functions up`: the inputs and the regions of the experiment."""

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from planner.cli import common
from planner.cli.common import Json, Quiet, Verbose
from planner.errors import UsageError

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Where both files and their manifest are.")]
Check = Annotated[bool, typer.Option("--check", help="Write nothing: compare what is there with its manifest.")]
RegionNames = Annotated[
    str | None, typer.Option("--regions", metavar="A,B", help="Names, by default the protocol's six.")
]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        metavar="PREFIX",
        envvar="PLANNER_DATA_PREFIX",
        help="Folder (also file://) or gs://BUCKET/FOLDER of the data set.",
    ),
]
ClockSpec = Annotated[
    str,
    typer.Option(
        "--clock", metavar="CLOCK", envvar="PLANNER_CLOCK", help="real, or START[@EPOCH]*SPEED for a virtual one."
    ),
]
IdleSeconds = Annotated[
    float, typer.Option("--idle-seconds", metavar="S", help="Until an instance stops, by the clock.")
]
Rtt = Annotated[bool, typer.Option("--rtt", help="Add the round trip from the protocol's runner to each region.")]
SlowDown = Annotated[
    str, typer.Option("--slow-down", metavar="F", help="Work takes F times as long; REGION=F,... for some regions.")
]
Concurrency = Annotated[
    int, typer.Option("--concurrency", metavar="N", min=1, help="Pieces of heavy work at a time, per region.")
]
Logs = Annotated[Path, typer.Option("--logs", metavar="FOLDER", help="Where each region writes its two logs.")]


def register(protocol: typer.Typer) -> None:
    """Add the commands of this file to the group `protocol`."""
    protocol.command("dataset")(dataset_command)
    group = typer.Typer(help="The four functions, on regions that are processes here.", no_args_is_help=True)
    group.callback()(_group)
    group.command("up")(up_command)
    protocol.add_typer(group, name="functions")


def _group() -> None:
    """The four functions, on regions that are processes here."""


def dataset_command(
    folder: Folder = Path("protocol-data"),
    check: Check = False,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write the experiment's inputs, an image and a video, the same bytes on every machine; or check them."""
    from planner.protocol import dataset

    manifest = dataset.check(folder) if check else dataset.generate(folder)
    rows = [(name, f"{file['bytes']:,}", file["sha256"]) for name, file in manifest["files"].items()]
    common.emit(manifest, common.table(("file", "bytes", "sha256"), rows), as_json=json)


def up_command(
    regions: RegionNames = None,
    data: Data = "protocol-data",
    clock: ClockSpec = "real",
    idle_seconds: IdleSeconds = 900.0,
    rtt: Rtt = False,
    slow_down: SlowDown = "1",
    concurrency: Concurrency = 2,
    logs: Logs = Path("protocol-logs"),
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Start regions with all four functions, print where they are as one JSON line, and run until Ctrl-C.

    Functions ask for the bearer token in the environment variable PLANNER_TOKEN.
    """
    from planner.data.faas import REGIONS
    from planner.protocol.clock import parse_clock
    from planner.protocol.regions import regions_up

    names = regions.split(",") if regions else list(REGIONS)
    running = regions_up(
        names,
        prefix=_prefix(data),
        logs=logs,
        token=_token(),
        clock=parse_clock(clock),
        idle_seconds=idle_seconds,
        rtt_ms=_round_trips(names) if rtt else None,
        slow_down=_factors(slow_down, names),
        concurrency=concurrency,
    )
    with _until_signal() as over, running as up:
        print(
            common.to_json({"schema": "planner.protocol-functions/1", "urls": up.urls, "logs": str(logs)}), flush=True
        )
        over.wait()
    common.note("regions stopped")


@contextmanager
def _until_signal() -> Iterator[threading.Event]:
    """An event that Ctrl-C or SIGTERM sets, so that regions are stopped in order, whenever it comes."""
    over = threading.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: over.set()) for number in signals]
    try:
        yield over
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)


def _prefix(data: str) -> str:
    """As a URI; a data set in a folder is checked before each run."""
    from planner.protocol.dataset import check

    if data.startswith("gs://"):
        return data
    folder = Path(data.removeprefix("file://")).resolve()
    check(folder)
    return folder.as_uri()


def _token() -> str:
    token = os.environ.get("PLANNER_TOKEN")
    if not token:
        raise UsageError(
            "set the environment variable PLANNER_TOKEN to a secret that callers of the functions must send"
        )
    return token


def _round_trips(names: Sequence[str]) -> dict[str, float]:
    """Milliseconds from the runner, the one origin of the protocol's instance."""
    from planner.data.faas import START, protocol_days

    instance = protocol_days(START, 1)
    known = {region.name: float(ms) for region, ms in zip(instance.regions, instance.rtt_ms[0], strict=True)}
    for name in names:
        if name not in known:
            raise UsageError(f"--rtt knows {', '.join(known)}, not '{name}'")
    return {name: known[name] for name in names}


def _factors(text: str, names: Sequence[str]) -> dict[str, float]:
    try:
        if "=" not in text:
            return dict.fromkeys(names, float(text))
        return {name: float(factor) for name, factor in (part.split("=") for part in text.split(","))}
    except ValueError:
        raise UsageError(f"--slow-down must be a factor, or REGION=FACTOR,..., not {text}") from None
