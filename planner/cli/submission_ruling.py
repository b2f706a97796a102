"""What becomes of a submission: the judge's word on the file, then the library's row beside it.

Nothing in the file is trusted or executed. It is read as data of bounded size, its instance is looked up among the
shipped names (never as a path), and what it claims is recomputed. A solver's bound, which nobody can recompute, may
disprove the file but never helps it.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from planner.cli.judging import Judged, judged
from planner.cli.library_table import BEST_KNOWN, COLUMNS, best_known, grade
from planner.errors import BoundAboveObjective, InvalidInput, UsageError
from planner.io.instances import load_instance
from planner.io.library import shipped_instances, solutions_folder
from planner.io.pointer import describe, one_of
from planner.io.reading import read_document
from planner.metrics.gaps import relative_gap

MAX_BYTES = 32 * 2**20  # uncompressed; the largest shipped solution has 0.13 MB
GAIN = 1e-5  # relative: ten times what the judge's tolerances could hide
SHOWN = 500  # characters of a reason
REASONS = 20
VERSION = re.compile(r"[\w.][\w.+-]{0,39}", re.ASCII)
VERSIONS = ("planner", "pyomo", "highspy", "python")

Status = Literal["accepted", "refused", "invalid"]
Word = Literal["better", "equal", "worse", "none"]


@dataclass(frozen=True, slots=True)
class Beside:
    """A recomputed figure beside the library's; `word` is "none" where the file brings none that holds."""

    found: float | None = None
    known: float | None = None
    word: Word = "none"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict and why; objective and certified bound beside the library's; what would change there (old, new)."""

    status: Status
    reasons: tuple[str, ...] = ()
    instance: str | None = None
    value: Beside = Beside()
    bound: Beside = Beside()
    changes: Mapping[str, tuple[str, str]] = field(default_factory=dict)


def rule(path: Path, name: str | None, *, today: str) -> Ruling:
    """Judge a file for the shipped instance `name`, or for the one that it names. UsageError: there is no such one."""
    if name is not None and name not in shipped_instances():
        raise UsageError(f"no shipped instance '{name}'; `planner instance list` names them")
    known = best_known(solutions_folder() / BEST_KNOWN)
    try:
        document = read_document(path, max_bytes=MAX_BYTES)
        name = name or _named_in(document)
        found = judged(load_instance(name), path)
    except InvalidInput as error:
        return Ruling("invalid", (printable(str(error)),))
    return _ruled(name, found, known.get(name, {}), today)


def printable(text: str) -> str:
    """One line that no terminal or log takes for a command: a file may hold any character."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return plain if len(plain) <= SHOWN else plain[: SHOWN - 3] + "..."


def _named_in(document: Mapping[str, Any]) -> str:
    """The instance that a file says it is for, if that is a shipped one; its hash is compared later."""
    reference = document.get("instance")
    name = reference.get("name") if isinstance(reference, dict) else None
    shipped = shipped_instances()
    if not isinstance(name, str) or name not in shipped:
        wrong = name if isinstance(name, str) else ""
        raise InvalidInput("/instance/name", describe(name), f"a shipped instance: {one_of(shipped, wrong[:80])}")
    return name


def _ruled(name: str, found: Judged, known: Mapping[str, str], today: str) -> Ruling:
    value = _beside(None if found.objective is None else found.objective.total, _number(known, "value"), sign=-1)
    bound = _beside(found.bounds.certified, _number(known, "certified"), sign=1)
    reasons = [f"({v.rule}) {v.where}: {v.message}" for v in found.violations] or list(
        _contradictions(found.bounds.best, value, _number(known, "bound"))
    )
    if not reasons and "better" not in (value.word, bound.word):
        reasons = [f"not better than the library: objective {value.word}, certified bound {bound.word}"]
    changes = {} if reasons else _changes(value, bound, known, _provenance(found.versions), today)
    if found.violations:
        value = Beside(value.found, value.known)
    shown = tuple(map(printable, _shortened(reasons)))
    return Ruling("refused" if reasons else "accepted", shown, name, value, bound, changes)


def _beside(found: float | None, known: float | None, *, sign: int) -> Beside:
    """`sign` is 1 where more is better, -1 where less is."""
    if found is None or not math.isfinite(found):
        return Beside(None, known)
    if known is None:
        return Beside(found, None, "better")
    gain, least = sign * (found - known), GAIN * abs(known)
    return Beside(found, known, "better" if gain > least else "worse" if gain < -least else "equal")


def _contradictions(claimed: float | None, value: Beside, bound: float | None) -> Iterator[str]:
    """What cannot be true beside the library: a plan below its bound, or a bound above its plan."""
    if _crossed(bound, value.found):
        yield f"(bound) objective {value.found:.12g} below the library's bound {bound:.12g}: report it, one is wrong"
    if _crossed(claimed, value.known):
        yield f"(bound) {claimed:.12g} claimed, but the library's plan has {value.known:.12g}"


def _crossed(bound: float | None, value: float | None) -> bool:
    if value is None:
        return False
    try:
        relative_gap(value, bound)
    except BoundAboveObjective:
        return True
    return False


def _shortened(reasons: list[str]) -> list[str]:
    more = len(reasons) - REASONS
    return [*reasons[:REASONS], f"{more} more; `planner check` lists them"] if more > 0 else reasons


def _number(known: Mapping[str, str], column: str) -> float | None:
    return float(known[column]) if known.get(column) else None


def _provenance(versions: Mapping[str, str]) -> dict[str, str]:
    """What the file says of its making, as far as it looks like versions: the table is opened in spreadsheets too."""
    given = {name: versions.get(name, "") for name in VERSIONS}
    return {name: text if VERSION.fullmatch(text) else "" for name, text in given.items()} | {"machine": "submitted"}


def _changes(
    value: Beside, bound: Beside, known: Mapping[str, str], provenance: Mapping[str, str], today: str
) -> dict[str, tuple[str, str]]:
    """The columns of best-known.csv that would change."""
    best, proved = value.known, _number(known, "bound")
    row: dict[str, object] = {"date": today}
    if value.word == "better":
        best = value.found
        row |= {"value": best, **provenance}
    if bound.word == "better" and bound.found is not None:
        proved = bound.found if proved is None else max(bound.found, proved)
        row |= {"certified": bound.found, "bound": proved}
    row["grade"] = "" if best is None else grade(best, proved)
    told = {column: (known.get(column, ""), str(row[column])) for column in COLUMNS if column in row}
    return {column: (old, new) for column, (old, new) in told.items() if old != new}
