"""`planner protocol demo`: the whole experiment on this machine, a virtual day in minutes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import ForecastSpec, Json, Quiet, Seed, Verbose
from planner.cli.protocol_options import hours_from
from planner.extras import require_extra

if TYPE_CHECKING:
    from planner.protocol.gps_up.results import Comparison

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A new one, for inputs, logs, metrics and the page.")]
Start = Annotated[str, typer.Option("--start", metavar="TIME", help="First hour, UTC.", show_default=True)]
HourCount = Annotated[int, typer.Option("--hours", metavar="N", min=1, help="Of the trace.", show_default=True)]
Speed = Annotated[float, typer.Option("--speed", metavar="F", help="Virtual seconds a second.", show_default=True)]
PolicySpec = Annotated[
    str,
    typer.Option(
        "--policy",
        metavar="SPEC",
        help="Of scenario C: NAME[:key=value,...] from `planner policy list`.",
        autocompletion=common.completion("planner.policies"),
    ),
]


def register(group: typer.Typer) -> None:
    """Add the command of this file."""
    group.command("demo")(demo_command)


def demo_command(
    folder: Folder = Path("protocol-demo"),
    start: Start = "2026-06-01T00:00Z",
    hours: HourCount = 24,
    policy: PolicySpec = "dual-price",
    forecast: ForecastSpec = "persistence",
    speed: Speed = 1200.0,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Scenarios A, B and C on six regions of this machine, one after the other, and their comparison as a page.

    Work is real, hours and carbon intensities are virtual and synthetic. Exit code 1 if this machine did not keep up.
    Needs planner[serve].
    """
    require_extra("serve", "the demo needs", "fastapi", "httpx", "prometheus_client", "uvicorn")
    from planner.protocol.demo import Demo, behind

    asked = hours_from(start, hours, "--start")
    demo = Demo(folder=folder, hours=asked, policy=policy, speed=speed, forecast=forecast, seed=seed)
    found = demo.run(common.note)
    common.emit(found.document(), _text(found), as_json=json)
    common.warn(found.warnings)
    common.note(f"wrote {demo.page}")
    slow = behind(found)
    if slow:
        common.warn(
            [f"these figures are void: this machine is too slow or busy for --speed {speed:g}: {', '.join(slow)}"]
        )
        raise typer.Exit(1)


def _text(found: "Comparison") -> str:
    greenup = {pair.new: f"{pair.greenup_policy:.4f}" for pair in found.pairs if pair.base == "A"}
    rows = (
        (
            one.scenario,
            greenup.get(one.scenario, "1"),
            common.share(one.reached),
            "-" if one.delay_s is None else common.number(one.delay_s.mean / 3600, 3),
            "-" if one.late is None else str(len(one.late)),
        )
        for one in found.scenarios
    )
    head = ("scenario", "greenup", "of possible saving", "mean delay h", "late")
    bound = f"no schedule has a greenup above {found.bound_greenup:.4f}"
    return f"{found.invocations:,} invocations\n{common.table(head, rows)}\n{bound}"
