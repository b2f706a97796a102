"""JSON of any size, a few entries at a time: one object a line, or a whole document of a bounded size."""

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pandas as pd

from planner.data.demand.traces.files import opened
from planner.data.demand.traces.tables import Rows
from planner.errors import InvalidInput

Entry = dict[str, Any]
ENTRIES = 100_000  # at a time
LONGEST_LINE = 64 * 2**20
LARGEST_DOCUMENT = 256 * 2**20


def flat_rows(path: Path, flat: Callable[[Entry], Iterable[Entry]], columns: tuple[str, ...]) -> Iterator[Rows]:
    """The rows that `flat` makes of every entry, in these columns; the index is the line, or the place in an array."""
    with opened(path) as file:
        counted, entries = _entries(file)
        numbered = ((number, _scalars(row)) for number, entry in entries for row in flat(entry))
        while batch := list(islice(numbered, ENTRIES)):
            index, rows = zip(*batch, strict=True)
            yield Rows(pd.DataFrame(list(rows), index=list(index), columns=list(columns)), str(path), counted)


def _scalars(row: Entry) -> Entry:
    """A cell that is no scalar as its text, which no column takes."""
    return {key: json.dumps(cell) if isinstance(cell, dict | list) else cell for key, cell in row.items()}


def child(entry: Any, *path: str) -> Any:
    """What stands at a path of keys; None where there is nothing."""
    for key in path:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry


def children(entry: Any, *path: str) -> list[Any]:
    """The list at a path of keys; empty where there is none."""
    found = child(entry, *path)
    return found if isinstance(found, list) else []


def _entries(file: IO[bytes]) -> tuple[str, Iterator[tuple[int, Entry]]]:
    """What entries are counted in, and the entries. A first line that is an object of its own: one a line."""
    first = file.readline(LONGEST_LINE)
    file.seek(0)
    try:
        alone = isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        alone = False
    return ("line", _of_lines(file)) if alone else ("entry", _of_document(file))


def _of_lines(file: IO[bytes]) -> Iterator[tuple[int, Entry]]:
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if line.strip():
            yield number, _object(_parsed(line, f"line {number}"), f"line {number}")


def _of_document(file: IO[bytes]) -> Iterator[tuple[int, Entry]]:
    data = file.read(LARGEST_DOCUMENT + 1)
    if len(data) > LARGEST_DOCUMENT:
        raise InvalidInput("file", f"a document above {LARGEST_DOCUMENT} bytes", "one JSON object a line (jq -c '.[]')")
    document = _parsed(data, "file")
    for number, entry in enumerate(document if isinstance(document, list) else [document]):
        yield number, _object(entry, f"entry {number}")


def _parsed(data: bytes, where: str) -> Any:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        at = where if error.lineno == 1 and where != "file" else f"{where}, line {error.lineno}"
        raise InvalidInput(f"{at}, column {error.colno}", error.msg, "valid JSON") from error
    except RecursionError as error:
        raise InvalidInput(where, "objects nested too deeply to read", "the entries of a log") from error


def _object(value: Any, where: str) -> Entry:
    if not isinstance(value, dict):
        raise InvalidInput(where, f"{json.dumps(value)[:60]}", "a JSON object")
    return value
