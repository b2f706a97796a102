"""`planner protocol compare`: what the policy of a scenario gains, beside what could be gained."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Json, Quiet, Seed, Verbose
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.protocol.gps_up.results import Comparison, Ratio

ENDINGS = (".json", ".html")

MetricsFiles = Annotated[
    list[Path],
    typer.Argument(metavar="A.json B.json...", help="From `planner protocol metrics`; the first is the base."),
]
Carbon = Annotated[
    str, typer.Option("--carbon", metavar="INSTANCE", help="Whose carbon intensities by region and hour count.")
]
Files = Annotated[
    list[Path] | None, typer.Option("-o", "--output", metavar="FILE", help="Write .json or .html (repeat).")
]
Resamples = Annotated[int, typer.Option("--resamples", metavar="N", min=100, help="Of the bootstrap.")]


def register(group: typer.Typer) -> None:
    """Add the command of this file."""
    group.command("compare")(compare_command)


def compare_command(
    files: MetricsFiles,
    carbon: Carbon,
    output: Files = None,
    resamples: Resamples = 2000,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Speedup, powerup and greenup of scenarios, their delays, and how much of the possible saving each reaches."""
    from planner.io.instances import load_instance
    from planner.protocol.compare import compare
    from planner.protocol.metrics.scenario import load_metrics

    for path in output or ():
        if path.suffix not in ENDINGS:
            raise UsageError(f"-o {path}: a comparison is written to a name that ends in {' or '.join(ENDINGS)}")
    instance = load_instance(carbon)
    found = compare([load_metrics(path) for path in files], instance, seed=seed, resamples=resamples)
    for path in output or ():
        _save(path, found)
    common.emit(found.document(), _text(found), as_json=json)
    common.warn(found.warnings)


def _save(path: Path, found: "Comparison") -> None:
    from planner.io.atomic import write_text

    if path.suffix == ".json":
        body = common.to_json(found.document()) + "\n"
    else:
        from planner.protocol.page import comparison_page

        body = comparison_page(found)
    write_text(path, body)
    common.note(f"wrote {path}")


def _text(found: "Comparison") -> str:
    same = {True: "the same trace", False: "NOT the same trace", None: "trace not checked"}[found.same_trace]
    hashes = [f"  {a.scenario}  {a.events:,} event ids, sha256 {a.events_sha256}" for a in found.accounts]
    head = f"{found.invocations:,} invocations compared on {found.carbon}; {same}"
    bound = f"no schedule has a greenup above {found.bound_greenup:.4f} (oracle, T = function's mean)"
    blocks = ("\n".join([head, *hashes]), _pairs(found), bound, _scenarios(found), _times(found))
    return "\n\n".join(blocks)


def _pairs(found: "Comparison") -> str:
    head = ("new against base", "speedup", "powerup", "greenup (policy)", "greenup (measured)")
    rows = (
        (
            f"{p.new} against {p.base}",
            _ratio(p.speedup),
            f"{p.powerup:g}",
            f"{p.greenup_policy:.4f}",
            _ratio(p.greenup_measured),
        )
        for p in found.pairs
    )
    return common.table(head, rows)


def _scenarios(found: "Comparison") -> str:
    head = (
        "scenario",
        "E* (policy)",
        "E* (measured)",
        "of possible saving",
        "mean delay s",
        "p95 delay s",
        "late",
        "repeated",
    )
    rows = (
        (
            s.scenario,
            common.number(s.energy_policy, 6),
            common.number(s.energy_measured, 6),
            common.share(s.reached),
            common.number(s.delay_s.mean if s.delay_s else None, 4),
            common.number(s.delay_s.p95 if s.delay_s else None, 4),
            "-" if s.late is None else str(len(s.late)),
            str(s.repeated + s.failed),
        )
        for s in found.scenarios
    )
    return common.table(head, rows)


def _times(found: "Comparison") -> str:
    head = ("scenario", "function", "invocations", "mean ms", "p95 ms")
    rows = (
        (s.scenario, f.function, str(f.invocations), common.number(f.mean_ms, 5), common.number(f.p95_ms, 5))
        for s in found.scenarios
        for f in s.functions
    )
    return common.table(head, rows, left=2)


def _ratio(ratio: "Ratio") -> str:
    if ratio.low is None:
        return f"{ratio.value:.4f}"
    return f"{ratio.value:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]"
