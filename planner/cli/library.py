"""`verify-library`: every stored solution before the judge again."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from planner.cli import common
from planner.cli.common import Gap, Json, Quiet, TimeLimit, Verbose
from planner.cli.library_table import BEST_KNOWN, best_known, grade
from planner.errors import PlannerError

if TYPE_CHECKING:
    from planner.cli.judging import Judged

NO_GAP: Mapping[str, float | None] = {"certified": None, "solver": None}
MEANING = """
certified: recomputed here without a solver; wide where jobs, starts or an hour map must stay whole, which it leaves out
solver: to the better of that bound and the one that HiGHS proved when the file was written
"""
Update = Annotated[bool, typer.Option("--update", help="First solve every shipped instance and store what is better.")]


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command("verify-library")(verify_library)


@dataclass(frozen=True, slots=True)
class Checked:
    """One solution file: its exact objective, its gaps as every answer names them, and what is wrong with it."""

    instance: str
    objective: float | None
    gap: Mapping[str, float | None]
    faults: tuple[str, ...]


def verify_library(
    update: Update = False,
    time_limit: TimeLimit = 60.0,
    gap: Gap = 1e-4,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Every stored solution before the judge.

    Each file of solutions/ and each row of best-known.csv is held against its instance. Exit code 1: one does not hold.
    """
    from planner.io.library import solutions_folder

    folder = solutions_folder()
    if update:
        _update(folder, time_limit=time_limit, gap=gap)
    known = best_known(folder / BEST_KNOWN)
    files = [(solution_name(path, folder), path) for path in sorted(folder.rglob("*")) if _is_solution(path)]
    checked = [_checked(name, path, known.get(name)) for name, path in files]
    unsolved = set(known).difference(name for name, _ in files)
    checked += [Checked(name, None, NO_GAP, ("no solution file",)) for name in sorted(unsolved)]
    document = {"schema": "planner.verify-library/1", "rows": [common.plain(row) for row in checked]}
    common.emit(document, _table(checked), as_json=json)
    if not checked or any(row.faults for row in checked):
        raise typer.Exit(1)


def _update(folder: Path, *, time_limit: float | None, gap: float) -> None:
    from datetime import UTC, datetime

    from planner.cli.library_update import update

    table = folder / BEST_KNOWN
    known = best_known(table) if table.exists() else {}
    update(folder, known, time_limit=time_limit or 60.0, gap=gap, date=datetime.now(UTC).date().isoformat())


def _is_solution(path: Path) -> bool:
    """Whatever lies in `solutions/`, except for the table: what does not belong there is told of."""
    return path.is_file() and path.name != BEST_KNOWN


def solution_name(path: Path, folder: Path) -> str:
    """The shipped instance that a solution file belongs to: its path below `solutions/` without suffixes."""
    return path.relative_to(folder).as_posix().removesuffix(".gz").removesuffix(".json")


def _checked(name: str, path: Path, known: Mapping[str, str] | None) -> Checked:
    from planner.cli.judging import judged
    from planner.io.instances import load_instance

    try:
        verdict = judged(load_instance(name), path)
    except PlannerError as error:
        return Checked(name, None, NO_GAP, (str(error),))
    faults = [f"({v.rule}) {v.where}: {v.message}" for v in verdict.violations]
    if verdict.objective is None:
        return Checked(name, None, NO_GAP, (*faults, "a certificate, where a plan is expected"))
    gap = NO_GAP if faults else common.gaps(verdict.objective, verdict.bounds)
    if known is None:
        faults.append(f"not in {BEST_KNOWN}")
    else:
        faults += [f"{BEST_KNOWN}: {fault}" for fault in _disagreements(known, verdict, verdict.objective.total)]
    return Checked(name, verdict.objective.total, gap, tuple(faults))


def _disagreements(known: Mapping[str, str], verdict: "Judged", value: float) -> Iterator[str]:
    """Columns of best-known.csv that the solution file does not bear out."""
    numbers = {"value": value, "bound": verdict.bounds.best, "certified": verdict.bounds.certified}
    for column, number in numbers.items():
        if not _agree(known[column], number):
            yield f"{column} {known[column]!r}, the solution file has {number!r}"
    for column, text in {"grade": grade(value, verdict.bounds.best), **verdict.versions}.items():
        if known.get(column, text) != text:
            yield f"{column} {known[column]!r}, the solution file says {text!r}"
    if not known["machine"]:
        yield "no machine"
    if not _is_day(known["date"]):
        yield f"date {known['date']!r}, which is not YYYY-MM-DD"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _agree(text: str, value: float | None) -> bool:
    from planner.domain.results import CLAIM

    try:
        return text == "" if value is None else math.isclose(float(text), value, rel_tol=CLAIM)
    except ValueError:
        return False


def _table(rows: list[Checked]) -> str:
    if not rows:
        return "no solution is stored"
    lines = [
        (
            row.instance,
            common.number(row.objective),
            *(common.share(row.gap[kind]) for kind in NO_GAP),
            "; ".join(row.faults) or "ok",
        )
        for row in rows
    ]
    return common.table(("instance", "objective", *(f"{kind} gap" for kind in NO_GAP), "verdict"), lines) + MEANING
