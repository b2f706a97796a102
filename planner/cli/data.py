"""`planner data`: downloaded carbon-intensity files, checked, repaired as asked, and written as series."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common, data_live, data_traces
from planner.cli.common import Json, Output, Quiet, Verbose
from planner.cli.data_options import handling
from planner.cli.data_series import about, save_series, told
from planner.errors import InvalidInput

if TYPE_CHECKING:
    from planner.data.carbon.readings import Finding

SHOWN = 20
File = Annotated[Path, typer.Argument(metavar="FILE", help="The downloaded file, gzipped or not.")]
Format = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="FORMAT",
        help="electricity-maps, watttime, uk, entsoe, eia, carbon-aware-sdk or carboncast.",
    ),
]
Zone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="One zone of the file, or the name of a file's only one.")
]
Kind = Annotated[
    str, typer.Option(metavar="WORDS", help="Of average or marginal, direct or lifecycle, consumption or production.")
]
Unit = Annotated[
    str | None, typer.Option(metavar="UNIT", help="What the values are in, e.g. lbs/MWh, kg/kWh or g/kWh.")
]
Decimal = Annotated[str, typer.Option(metavar="MARK", help="Decimal mark: point or comma.")]
Timezone = Annotated[
    str | None, typer.Option(metavar="NAME", help="Clock of times without an offset, e.g. Europe/Berlin or UTC.")
]
Start = Annotated[str | None, typer.Option(metavar="TIME", help="First period that must be there (UTC).")]
End = Annotated[str | None, typer.Option(metavar="TIME", help="End of the last period that must be there (UTC).")]
Missing = Annotated[str, typer.Option(metavar="HOW", help="error, interpolate or drop-region.")]
MaxGap = Annotated[float, typer.Option(metavar="HOURS", min=0, help="Longest gap to interpolate.", show_default=True)]
Duplicates = Annotated[str, typer.Option(metavar="HOW", help="error, first, last or mean.")]
Negative = Annotated[str, typer.Option(metavar="HOW", help="error, clip or missing.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(name="data", help="Carbon-intensity series: check and import files.", no_args_is_help=True)
    group.command()(check)
    group.command("import")(import_)
    data_live.register(group)
    data_traces.register(group)
    app.add_typer(group)


def check(
    file: File,
    from_: Format,
    zone: Zone = None,
    kind: Kind = "",
    unit: Unit = None,
    decimal: Decimal = "point",
    timezone: Timezone = None,
    start: Start = None,
    end: End = None,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Everything wrong with a file, by row: gaps, repeats, clock changes, units, negative and unreadable cells.

    Exit code 1 where there is anything, 3 where the file cannot be read at all.
    """
    from planner.data.carbon import importers

    asked = handling(zone=zone, kind=kind, unit=unit, decimal=decimal, timezone=timezone, start=start, end=end)
    with _of(file) as text:
        found = importers.check(text, from_, asked)
    rows = [asdict(finding) for finding in found]
    document = {"schema": "planner.data-check/1", "file": str(file), "format": from_, "findings": rows}
    common.emit(document, _findings_text(found, shown=len(found) if verbose else SHOWN), as_json=json, output=output)
    if any(finding.code != "order" for finding in found):
        raise typer.Exit(1)


def import_(
    file: File,
    from_: Format,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The series, .csv or .csv.gz.")],
    zone: Zone = None,
    kind: Kind = "",
    unit: Unit = None,
    decimal: Decimal = "point",
    timezone: Timezone = None,
    start: Start = None,
    end: End = None,
    missing: Missing = "error",
    max_gap: MaxGap = 6.0,
    duplicates: Duplicates = "error",
    negative: Negative = "error",
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write the file's series, hole-free in g/kWh; whatever is repaired is said and counted."""
    from planner.data.carbon import importers
    from planner.data.carbon.readings import counted

    asked = handling(
        zone=zone, kind=kind, unit=unit, decimal=decimal, timezone=timezone, start=start, end=end,
        missing=missing, max_gap_hours=max_gap, duplicates=duplicates, negative=negative,
    )  # fmt: skip
    with _of(file) as text:
        done = importers.import_series(text, from_, asked)
    save_series(done.series, output)
    repairs = [asdict(repair) for repair in done.repairs]
    document = {"schema": "planner.data-import/1", "file": str(file), "series": about(done.series), "repairs": repairs}
    notes = [f"repaired {r.zone}: {r.what} ({counted(r.periods)})" for r in done.repairs] or ["nothing repaired"]
    common.emit(document, told(done.series, *notes), as_json=json)


@contextmanager
def _of(file: Path) -> Iterator[str]:
    """The text of a file; what is wrong with it is told with its name."""
    from planner.io.reading import read_text

    try:
        yield read_text(file)
    except InvalidInput as error:
        raise error.in_file(str(file)) from error.__cause__


def _findings_text(found: "Sequence[Finding]", *, shown: int) -> str:
    counts = Counter(finding.code for finding in found)
    lines = [f"{f.code}: {f.error()}" for f in found[:shown]]
    if len(found) > shown:
        lines.append(f"... and {len(found) - shown} more (-v shows all)")
    total = ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
    return "\n".join([*lines, total or "nothing wrong"])
