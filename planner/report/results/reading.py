"""Tables of a campaign, from its folder, a CSV or a Parquet file."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from planner.errors import InvalidInput, MissingExtra
from planner.io.reading import read_text
from planner.report.results.rows import Results, Row

TABLES = ("rows.csv", "rows.parquet")
TIMINGS = "timings.csv"
AXIS = "axis."
REQUIRED = ("task", "instance", "policy", "gap_to_bound", "violations", "error", "verified")
TEXTS = ("task", "instance", "policy", "suite", "instance_sha256", "regime", "forecast", "bound_kind", "error")
FIGURES = (
    *("total", "carbon_kg", "bound", "gap_to_bound", "gap_to_best", "position", "slo_violation_rate", "missed_rate"),
)
SIZES = ("periods", "regions")
TRUTHS = {"true": True, "1": True, "false": False, "0": False, "": False}
Record = Mapping[str, Any]


def read_results(path: Path) -> Results:
    """The rows of a campaign's folder, or of a file. InvalidInput: no table, a column, a figure or a row is wrong.

    Beside the rows lies `timings.csv`, where there is one. MissingExtra: a Parquet file, and pyarrow is not installed.
    """
    table = _table(path)
    try:
        header, records = _parquet(table) if table.suffix == ".parquet" else _csv(table)
        axes = [name for name in header if name.startswith(AXIS)]
        rows = tuple(_row(record, axes, f"row {n}") for n, record in enumerate(records, start=2))
        _unique(rows)
    except InvalidInput as error:
        raise error.in_file(str(table)) from error.__cause__
    return Results(rows, _timings(table.parent / TIMINGS), str(table))


def _table(path: Path) -> Path:
    if not path.is_dir():
        return path
    found = next((path / name for name in TABLES if (path / name).is_file()), None)
    if found is None:
        expected = f"{' or '.join(TABLES)}: run `planner campaign collect` first"
        raise InvalidInput("folder", "no table of results", expected, str(path))
    return found


def _csv(path: Path) -> tuple[Sequence[str], Sequence[Record]]:
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""), strict=True)
    _require(reader.fieldnames or ())
    try:
        records = list(reader)
    except csv.Error as error:
        raise InvalidInput(f"row {reader.line_num}", str(error), "valid CSV") from error
    for n, record in enumerate(records, start=2):
        if None in record or None in record.values():
            raise InvalidInput(f"row {n}", "more or fewer cells than columns", "a cell for each column of the header")
    return reader.fieldnames or (), records


def _parquet(path: Path) -> tuple[Sequence[str], Sequence[Record]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table
    except ImportError as error:
        extra = "pip install planner[campaign], or name the folder's rows.csv"
        raise MissingExtra(f"{path}: reading Parquet needs the extra 'campaign': {extra}") from error
    try:
        table = read_table(path)
    except ArrowException as error:
        raise InvalidInput("file", str(error), "a Parquet table") from error
    _require(table.column_names)
    return table.column_names, table.to_pylist()


def _require(header: Sequence[str]) -> None:
    absent = [name for name in REQUIRED if name not in header]
    if absent:
        raise InvalidInput("header", f"no column '{absent[0]}'", "the columns of `planner campaign collect`")


def _row(record: Record, axes: Sequence[str], where: str) -> Row:
    texts: dict[str, Any] = {name: _text(record.get(name)) for name in TEXTS}
    figures: dict[str, Any] = {name: _figure(record, name, where) for name in FIGURES}
    sizes = {name: _figure(record, name, where) for name in SIZES}
    whole: dict[str, Any] = {name: None if size is None else int(size) for name, size in sizes.items()}
    return Row(
        **texts,
        **figures,
        axes=tuple((name.removeprefix(AXIS), _text(record[name])) for name in axes),
        **whole,
        uses_future=_truth(record, "uses_future", where),
        violations=tuple(rule for rule in _text(record.get("violations")).split(";") if rule),
        forecast_wape=_figure(record, "forecast_wape_24h", where),
        verified=_truth(record, "verified", where),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _figure(record: Record, name: str, where: str) -> float | None:
    text = _text(record.get(name))
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise InvalidInput(f"{where}, column {name}", repr(text), "a number, or nothing") from error
    if not isfinite(value):
        raise InvalidInput(f"{where}, column {name}", repr(text), "a finite number, or nothing")
    return value


def _truth(record: Record, name: str, where: str) -> bool:
    text = _text(record.get(name)).lower()
    if text not in TRUTHS:
        raise InvalidInput(f"{where}, column {name}", repr(text), "true or false")
    return TRUTHS[text]


def _unique(rows: Sequence[Row]) -> None:
    if not rows:
        raise InvalidInput("rows", "none", "at least one row below the header")
    seen: dict[tuple[str, str], int] = {}
    for n, row in enumerate(rows, start=2):
        if not row.task or not row.policy:
            raise InvalidInput(f"row {n}", "no task or no policy", "both")
        first = seen.setdefault((row.task, row.policy), n)
        if first != n:
            raise InvalidInput(
                f"row {n}", f"task {row.task} and policy {row.policy} again", f"them in row {first} only"
            )


def _timings(path: Path) -> tuple[dict[str, str], ...]:
    return tuple(_lines(path)) if path.is_file() else ()


def _lines(path: Path) -> Iterator[dict[str, str]]:
    """Whatever the columns are; nothing is computed from them but medians."""
    for record in csv.DictReader(io.StringIO(read_text(path), newline="")):
        yield {str(name): str(value or "") for name, value in record.items() if name is not None}
