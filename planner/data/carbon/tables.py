"""The text of a downloaded file as a table or as records; whatever is no such file is named for what it is."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from planner.errors import InvalidInput, UsageError

T = TypeVar("T")
PLAIN_TWO = str.maketrans({"\u2082": "2", "\u00b2": "2", "\xa0": " "})
GARBLED_TWO = "\u00e2\u201a\u201a"  # UTF-8 of the subscript two, read as Windows-1252
MESSAGES = ("error", "message", "detail", "reason")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its header as it stands, and the rows with their line numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    @property
    def where(self) -> tuple[str, ...]:
        """How to name each row."""
        return tuple(f"row {line}" for line in self.lines)

    def index(self, *names: str) -> int:
        """The column of the first of the plain names that is there. InvalidInput where the header has none of them."""
        found = self.optional(*names)
        if found is None:
            raise self.lacks(f"'{names[0]}'", f"a column named {' or '.join(names)}")
        return found

    def optional(self, *names: str) -> int | None:
        """The column of the first of the plain names that is there; None where none is."""
        given = [plain(name) for name in self.header]
        return next((given.index(name) for name in names if name in given), None)

    def lacks(self, what: str, expected: str) -> InvalidInput:
        """The error of a header without a column."""
        return InvalidInput("header", f"no column {what} in: {', '.join(self.header)[:200]}", expected)

    def column(self, index: int) -> tuple[str, ...]:
        """The cells of a column."""
        return tuple(row[index] for row in self.rows)


def plain(name: str) -> str:
    """A column's name without case, quotes, underscores, odd spaces or a subscript two."""
    return " ".join(name.replace(GARBLED_TWO, "2").translate(PLAIN_TWO).replace("_", " ").lower().strip(" '\"").split())


def csv_table(text: str, *, header_rows: int = 1) -> Table:
    """The table in a CSV text, separated by comma, semicolon or tab. InvalidInput for anything else."""
    refuse_other(text, "a CSV table")
    lines = text.splitlines()[0]
    separator = max(",;\t", key=lines.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        numbered = [(reader.line_num, tuple(row)) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise InvalidInput(f"row {reader.line_num}", f"no CSV ({error})", "a whole CSV row") from error
    heads, body = numbered[:header_rows], numbered[header_rows:]
    header = tuple(" | ".join(filter(None, names)) for names in zip(*(row for _, row in heads), strict=False))
    if not body:
        raise InvalidInput("file", "a header and no rows", "a row a period")
    _same_width(len(header), body)
    return Table(header, tuple(row for _, row in body), tuple(line for line, _ in body))


def _same_width(width: int, rows: Iterable[tuple[int, tuple[str, ...]]]) -> None:
    for line, row in rows:
        if len(row) != width:
            hint = " (a decimal comma or a thousands separator outside quotes?)" if len(row) > width else " (cut off?)"
            raise InvalidInput(f"row {line}", f"{len(row)} cells{hint}", f"{width}, as the header has")


def json_document(text: str) -> Any:
    """The JSON in a text. InvalidInput for anything else, and for a message where data should be."""
    refuse_other(text, "a JSON document")
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "file"
        raise InvalidInput(place, f"no JSON ({error})", "a JSON document, whole") from error
    if isinstance(document, dict) and "data" not in document:
        said = next((document[key] for key in MESSAGES if document.get(key)), None)
        if said is not None:
            raise InvalidInput("/", f"the message {str(said)[:120]!r}", "data: the request failed, repeat it")
    return document


def records(found: Any, where: str) -> Sequence[Mapping[str, Any]]:
    """The objects of an array that must have some. InvalidInput with a JSON pointer."""
    if not isinstance(found, list):
        raise InvalidInput(where, "nothing" if found is None else type(found).__name__, "an array of records")
    if not found:
        raise InvalidInput(where, "no records", "a record a period: the request or its span gave nothing")
    for i, record in enumerate(found):
        if not isinstance(record, dict):
            raise InvalidInput(f"{where}/{i}", repr(record)[:60], "an object")
    return found


def member(record: Mapping[str, Any], key: str, where: str) -> Any:
    """A member that every record has. InvalidInput with a JSON pointer."""
    if key not in record:
        raise InvalidInput(where, f"no '{key}' among {', '.join(record)}"[:160], f"a member '{key}'")
    return record[key]


def members(found: Sequence[Mapping[str, Any]], key: str, where: Sequence[str]) -> list[Any]:
    """A member of every record (see `member`)."""
    return [member(record, key, place) for record, place in zip(found, where, strict=True)]


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one zone: their place among all rows of the file, how to name each, and the cells of their times."""

    zone: str
    index: Sequence[int]
    where: Sequence[str]
    times: Sequence[object]

    def of(self, cells: Sequence[T]) -> list[T]:
        """A column's cells in these rows."""
        return [cells[i] for i in self.index]


def zone_rows(zones: Sequence[str], where: Sequence[str], times: Sequence[object], wanted: str | None) -> list[Rows]:
    """The rows of every zone, or of the wanted one. InvalidInput for an unnamed zone, or where the wanted is absent."""
    groups: dict[str, list[int]] = {}
    for i, zone in enumerate(zones):
        if not zone.strip():
            raise InvalidInput(where[i], "no zone", "a zone in every row")
        groups.setdefault(zone.strip(), []).append(i)
    found = only(groups, wanted)
    return [Rows(z, rows, [where[i] for i in rows], [times[i] for i in rows]) for z, rows in found.items()]


def zone_column(table: Table, names: Sequence[str], given: str | None) -> tuple[str, ...]:
    """The column of zones, or the zone that the user gives a file without one. UsageError where neither is there."""
    column = table.optional(*names)
    return table.column(column) if column is not None else (named(given),) * len(table.rows)


def named(zone: str | None) -> str:
    """The zone that the user gives a file that does not name its own. UsageError where it is not given."""
    if not zone:
        raise UsageError("--zone: the file does not name its zone; give it")
    return zone


def only(groups: Mapping[str, T], wanted: str | None) -> dict[str, T]:
    """All of the zones, or the wanted one. InvalidInput where it is not there."""
    if wanted is None:
        return dict(groups)
    if wanted not in groups:
        raise InvalidInput("zone", f"no '{wanted}'", f"--zone as one of {', '.join(list(groups)[:20])}")
    return {wanted: groups[wanted]}


def refuse_other(text: str, expected: str) -> None:
    """InvalidInput for a file that holds nothing, a page of HTML or XML, or bytes that are no text."""
    start = text.lstrip()[:200]
    if not start:
        raise InvalidInput("file", "nothing (an empty answer)", expected)
    if start.startswith("<"):
        raise InvalidInput("file", f"a page of HTML or XML ({start[:40]!r})", f"{expected}: a log-in or error page?")
    if "\0" in start:
        raise InvalidInput("file", "bytes that are no text", f"{expected} in UTF-8")
