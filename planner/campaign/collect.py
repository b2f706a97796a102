"""Finished tasks -> one table of rows and one of timings; the same bytes whatever order they ran in, and where."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.campaign.rows import OF_CELL, OF_ROW, TIMINGS
from planner.campaign.store import Folder
from planner.errors import MissingExtra
from planner.io.atomic import write_bytes, write_text

AXIS = "axis."
WHOLE = ("periods", "regions")
TRUE_OR_FALSE = ("uses_future", "verified")
TEXT = (
    *("task", "suite", "instance", "instance_sha256", "policy", "regime", "forecast"),
    *("bound_kind", "violations", "error"),
)
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """Rows in the order of the suite and of its policies; `missing` tasks are not done yet."""

    columns: tuple[str, ...]
    rows: list[Row]
    timings: list[Row]
    missing: int

    @property
    def verified(self) -> int:
        """Rows whose figures the judge has confirmed."""
        return sum(row["verified"] for row in self.rows)

    @property
    def errors(self) -> int:
        """Rows that hold an error in the place of figures."""
        return sum(bool(row["error"]) for row in self.rows)


def tables(folder: Folder) -> Tables:
    """What the folder holds so far. InvalidInput: it is no campaign's."""
    campaign = folder.campaign()
    axes = [AXIS + name for name in campaign["axes"]]
    done = [(cell, folder.finished(cell["task"])) for cell in campaign["tasks"]]
    found = [(cell, document) for cell, document in done if document is not None]
    return Tables(
        columns=(*OF_CELL, *axes, *OF_ROW),
        rows=[row for cell, document in found for row in _rows(campaign["suite"], axes, cell, document)],
        timings=[line for cell, document in found for line in _timings(cell, document)],
        missing=len(done) - len(found),
    )


def collect(folder: Folder, *, parquet: bool = True) -> tuple[Tables, list[Path]]:
    """Write rows.csv, timings.csv and rows.parquet. MissingExtra: pyarrow is not there; the CSV files are."""
    found = tables(folder)
    files = [folder.table("rows.csv"), folder.table("timings.csv")]
    for file, columns, lines in zip(files, (found.columns, TIMINGS), (found.rows, found.timings), strict=True):
        write_text(file, _csv(columns, lines))
    if parquet:
        files.append(folder.table("rows.parquet"))
        write_bytes(files[-1], _parquet(found))
    return found, files


def _rows(suite: str, axes: Sequence[str], cell: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Row]:
    shared = {name: cell[name] for name in OF_CELL if name != "suite"} | {
        "suite": suite,
        **{name: cell["axes"].get(name.removeprefix(AXIS), "") for name in axes},
        "forecast": cell["forecast"],
        "forecast_wape_24h": document["forecast_wape_24h"],
    }
    for row in document["rows"]:
        yield shared | row


def _timings(cell: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Row]:
    for line in document["timings"]:
        yield {"task": cell["task"], **line, **document["machine"]}


def _csv(columns: Sequence[str], lines: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue()


def _parquet(found: Tables) -> bytes:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        hint = "pip install 'planner[campaign]', or collect with --no-parquet"
        raise MissingExtra(f"Parquet needs pyarrow, which is not installed: {hint}; rows.csv is written") from error

    def kind(name: str) -> Any:
        if name in WHOLE:
            return pa.int64()
        if name in TRUE_OR_FALSE:
            return pa.bool_()
        return pa.string() if name in TEXT or name.startswith(AXIS) else pa.float64()

    schema = pa.schema([(name, kind(name)) for name in found.columns])
    out = io.BytesIO()
    columns = {name: [row[name] for row in found.rows] for name in found.columns}
    parquet.write_table(pa.table(columns, schema=schema), out)
    return out.getvalue()
