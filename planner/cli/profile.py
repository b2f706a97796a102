"""`profile`: tables of gaps of many instances -> how often each policy comes how near to the bound."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose, number
from planner.cli.outputs import PICTURES, csv_text, require_table_or_picture, save
from planner.cli.request_level import GAP_SCHEMA
from planner.errors import InvalidInput, UsageError

if TYPE_CHECKING:
    from planner.metrics.profiles import Profile

SCHEMA = "planner.profile/1"
WITHIN = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
ANCHORS = ("optimum", "worst")

Tables = Annotated[list[Path], typer.Argument(metavar="GAPS...", help="Files that `planner gap -o FILE.json` wrote.")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("profile")(profile)


def profile(
    tables: Tables, output: Output = None, json: Json = False, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """Performance profiles over many instances: the share of them on which each policy is within a gap of the bound.

    -o writes .csv, .json or a picture (.png, .svg, .pdf).
    """
    from planner.metrics.profiles import profiles

    require_table_or_picture(output)
    try:
        found = profiles(row for path in tables for row in _gaps(path))
    except ValueError as error:
        raise UsageError(f"{error}: name each instance's table once") from error
    document = {"schema": SCHEMA, "profiles": [_document(each) for each in found]}
    if output and output.suffix in PICTURES:
        from planner.plots.profiles import plot_profiles

        save(plot_profiles(found), output)
    elif output:
        common.emit(document, _as_csv(found), as_json=output.suffix == ".json", output=output)
    common.emit(document, _text(found), as_json=json)


def _gaps(path: Path) -> list[tuple[str, str, float | None]]:
    """(instance, policy, gap) of one table. InvalidInput: it is none."""
    from planner.io.reading import read_document

    document = read_document(path)
    if document.get("schema") != GAP_SCHEMA:
        raise InvalidInput("/schema", repr(document.get("schema")), repr(GAP_SCHEMA), str(path))
    try:
        name = document["instance"]["name"]
        return [(name, row["policy"], row["gap_to_bound"]) for row in document["rows"] if row["policy"] not in ANCHORS]
    except (KeyError, TypeError) as error:
        raise InvalidInput("/rows", f"no {error}", "the rows of a table of gaps", str(path)) from error


def _document(each: "Profile") -> dict[str, Any]:
    return {
        "policy": each.policy,
        "instances": each.instances,
        "gaps": each.gaps,
        "within": {f"{gap:g}": each.within(gap) for gap in WITHIN},
    }


def _text(found: Sequence["Profile"]) -> str:
    cells = [[each.policy, *(f"{100 * each.within(gap):.0f} %" for gap in WITHIN)] for each in found]
    header = ["share of instances within", *(f"{100 * gap:g} %" for gap in WITHIN)]
    return common.table(header, cells)


def _as_csv(found: Sequence["Profile"]) -> str:
    """One line a policy and gap: the share of instances within it."""
    rows = ([each.policy, number(g), each.within(g), each.instances] for each in found for g in each.gaps.tolist())
    return csv_text([["policy", "gap", "share", "instances"], *rows])
