"""`planner instance carbon`: imported carbon series in the place of an instance's own."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import InstanceArgument, Quiet, Verbose
from planner.cli.window import utc
from planner.errors import InvalidInput, UsageError

if TYPE_CHECKING:
    from planner.data.carbon.series import Series


def carbon(
    instance: InstanceArgument,
    series: Annotated[list[Path], typer.Option(metavar="FILE", help="From `planner data import` (repeat).")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The file, .json or .json.gz.")],
    zone: Annotated[
        list[str] | None,
        typer.Option(metavar="REGION=ZONE", help="The series of a region; else that of its grid zone (repeat)."),
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Move the instance to this time (UTC), where the series are.")
    ] = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Put imported carbon series into an instance, over all of its periods.

    Refused: series of different kinds, of another kind than what stays, or with periods missing.
    """
    from planner.data.carbon.into import with_carbon
    from planner.io.instances import instance_sha256, load_instance, save_instance

    given = [one for path in series for one in _read(path)]
    moment = None if start is None else utc(start, "--start")
    before = load_instance(instance)
    made = with_carbon(before, given, _zones(zone or []), start=moment)
    save_instance(made, output)
    for note in made.notes[len(before.notes) :]:
        common.note(note)
    common.note(f"wrote {output}: {made.name}, {made.periods} periods, sha256 {instance_sha256(made)[:12]}")


def _read(path: Path) -> "list[Series]":
    from planner.data.carbon.files import series_of
    from planner.io.reading import read_text

    try:
        return series_of(read_text(path))
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__


def _zones(pairs: list[str]) -> dict[str, str]:
    """Region -> zone."""
    split = [pair.rpartition("=") for pair in pairs]
    for pair, (region, _, zone) in zip(pairs, split, strict=True):
        if not region or not zone:
            raise UsageError(f"--zone: '{pair}' is no REGION=ZONE")
    return {region: zone for region, _, zone in split}
