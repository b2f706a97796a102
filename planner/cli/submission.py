"""`submission`: a third party's plan or certificate held against the library of best-known solutions."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.cli.common import Json, Output, Quiet, Verbose, number

if TYPE_CHECKING:
    from planner.cli.submission_ruling import Beside, Ruling

EXIT_CODES = {"accepted": 0, "refused": 1, "invalid": 3}

Submitted = Annotated[Path, typer.Argument(metavar="FILE", help="A plan file or a certificate, .json or .json.gz.")]
Named = Annotated[
    str | None,
    typer.Option("--instance", metavar="NAME", help="The shipped instance; without it, the one that the file names."),
]
Store = Annotated[bool, typer.Option("--store", help="Put what is accepted into solutions/ (for maintainers).")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("submission")(submission)


def submission(
    file: Submitted,
    instance: Named = None,
    store: Store = False,
    output: Output = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Whether a third party's result would enter the library of best-known solutions.

    Exit code 0: accepted, as the plan or the bound is better. 1: refused, with the reasons. 3: the file is invalid.
    """
    from datetime import UTC, datetime

    from planner.cli.submission_ruling import rule

    ruling = rule(file, instance, today=datetime.now(UTC).date().isoformat())
    common.emit(_document(file, ruling), _text(file, ruling), as_json=json, output=output)
    if store and ruling.instance is not None and ruling.status == "accepted":
        _store(file, ruling, ruling.instance)
    if code := EXIT_CODES[ruling.status]:
        raise typer.Exit(code)


def _store(file: Path, ruling: "Ruling", name: str) -> None:
    from planner.cli.submission_store import store
    from planner.io.library import solutions_folder

    common.note(f"wrote {store(file, ruling, name, solutions_folder())} and its row of best-known.csv")


def _document(file: Path, ruling: "Ruling") -> dict[str, Any]:
    return {
        "schema": "planner.submission/1",
        "file": str(file),
        **asdict(ruling),
        "changes": {column: {"from": old, "to": new} for column, (old, new) in ruling.changes.items()},
    }


def _text(file: Path, ruling: "Ruling") -> str:
    from planner.cli.submission_ruling import printable

    lines = [f"{printable(str(file))}: {ruling.status}", *(f"  {reason}" for reason in ruling.reasons)]
    if ruling.instance is not None:
        lines += [f"instance   {ruling.instance}"]
        lines += [f"objective  {_beside(ruling.value)}", f"certified  {_beside(ruling.bound)}"]
    if ruling.changes:
        lines += ["best-known.csv would change:"]
        lines += [f"  {column}: {old or '-'} -> {new or '-'}" for column, (old, new) in ruling.changes.items()]
    return "\n".join(lines)


def _beside(figure: "Beside") -> str:
    word = "" if figure.word == "none" else f"{figure.word}; "
    return f"{number(figure.found)} ({word}library: {number(figure.known)})"
