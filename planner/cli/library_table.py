"""`solutions/best-known.csv`: a row for each solved instance, with what it was found with."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from planner.errors import InvalidInput

BEST_KNOWN = "best-known.csv"
OPTIMAL_GAP = 1e-4  # to the better bound: what `solve` stops at unless told otherwise


@dataclass(frozen=True, slots=True)
class Row:
    """One line of best-known.csv: value and bounds of the stored file, and what they were found with.

    `bound` is the better of the certified one and the solver's. `grade` follows from value and bound (see `grade`).
    """

    instance: str
    value: float
    bound: float
    certified: float | None
    grade: str
    planner: str
    pyomo: str
    highspy: str
    python: str
    machine: str
    date: str


COLUMNS = tuple(f.name for f in fields(Row))


def grade(value: float, bound: float | None) -> str:
    """`optimal` within `OPTIMAL_GAP` of the better bound, else `feasible`."""
    from planner.metrics.gaps import relative_gap

    gap = relative_gap(value, bound)
    return "optimal" if gap is not None and gap <= OPTIMAL_GAP else "feasible"


def best_known(path: Path) -> dict[str, Mapping[str, str]]:
    """The rows of best-known.csv by instance. InvalidInput: no file, a column is missing, or an instance twice."""
    if not path.exists():
        raise InvalidInput("file", "nothing at this path", "the table of best-known values", str(path))
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
            raise InvalidInput("row 1", f"no column {', '.join(missing)}", ", ".join(COLUMNS), str(path))
        rows: dict[str, Mapping[str, str]] = {}
        for row in reader:
            if row["instance"] in rows:
                raise InvalidInput(
                    f"row {reader.line_num}", f"'{row['instance']}' twice", "every instance once", str(path)
                )
            rows[row["instance"]] = {column: row[column] or "" for column in COLUMNS}
    return rows


def as_csv(rows: Iterable[Mapping[str, object]]) -> str:
    """The table as text; numbers to their last digit."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({k: repr(v) if isinstance(v, float) else v for k, v in row.items()} for row in rows)
    return out.getvalue()
