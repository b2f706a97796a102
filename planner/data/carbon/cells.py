"""Cells of a file as times and numbers; whatever cannot be read becomes a finding that names its row."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from math import isinf, isnan, nan

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.readings import Finding, Publication, Readings, Repair
from planner.data.carbon.series import Times
from planner.data.carbon.tables import Rows
from planner.domain.instance import CarbonKind, Floats

Cell = str | float | None
NOTHING = {"", "null", "none", "nan", "na", "n/a", "-", "--", "#n/a"}
COMMA_DECIMAL = re.compile(r"[+-]?\d+,\d+")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
ISO_EXAMPLE = "a time such as 2026-01-01T00:00Z"


def readings(
    rows: Rows,
    cells: Sequence[object],
    *,
    kind: CarbonKind,
    publication: Publication,
    handling: Handling,
    stated: str = "g/kWh",
) -> Readings:
    """The rows of a zone with the cells of their carbon intensity in the `stated` unit."""
    values, wrong = amounts(cells, rows.where, rows.zone, handling)
    grams = values * handling.factor(stated)
    done = [*converted(rows.zone, stated, len(grams), handling), *read_commas(rows.zone, cells, handling)]
    found = timed(rows, grams, kind=kind, publication=publication, handling=handling)
    return replace(found, findings=(*found.findings, *wrong), repairs=(*found.repairs, *done))


def timed(
    rows: Rows,
    values: Floats,
    *,
    kind: CarbonKind,
    publication: Publication,
    handling: Handling,
    parse: Callable[[str], datetime] = datetime.fromisoformat,
) -> Readings:
    """The rows of a zone whose values, in g/kWh, are known."""
    times, stated, late = clock(rows, handling, parse)
    local = handling.timezone
    done = (Repair(rows.zone, f"local times of {local} set to UTC", len(times)),) if local else ()
    return Readings(rows.zone, tuple(rows.where), times, values, kind, publication, stated, tuple(late), done)


def amounts(
    cells: Sequence[object], where: Sequence[str], zone: str, handling: Handling, *, thousands: bool = False
) -> tuple[Floats, list[Finding]]:
    """(N,) numbers that are not negative, NaN for an empty cell, and what is wrong with the others."""
    values = _plain(cells)
    wrong: list[Finding] = []
    if values is None:
        read = [_number(cell, handling, thousands=thousands) for cell in cells]
        values = np.array([nan if isinstance(x, str) else x for x in read])
        wrong = [_unread(x, cells[i], where[i], zone) for i, x in enumerate(read) if isinstance(x, str)]
    below = np.flatnonzero(values < 0).tolist()
    wrong += [Finding("negative", zone, where[i], f"{values[i]:g}", "at least 0 (or --negative clip)") for i in below]
    values[below] = 0.0 if handling.negative == "clip" else nan if handling.negative == "missing" else values[below]
    return values, wrong


def _plain(cells: Sequence[object]) -> Floats | None:
    """The cells as numpy reads them at once; None where any needs a closer look."""
    try:
        values = np.array(cells, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return values if np.isfinite(values).all() and not any(isinstance(c, bool) for c in cells) else None


def _number(cell: object, handling: Handling, *, thousands: bool) -> float | str:
    """The number in a cell, NaN where there is none, or the code of what is wrong with it."""
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in NOTHING):
        return nan
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return "value"
    text = str(cell).strip()
    if thousands and THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if COMMA_DECIMAL.fullmatch(text):
        if handling.decimal != ",":
            return "decimal"
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return "value"
    return "value" if isinf(value) or isnan(value) else value


def _unread(code: str, cell: object, where: str, zone: str) -> Finding:
    expected = "a number" if code == "value" else "a number with a point (or --decimal comma)"
    return Finding(code, zone, where, repr(cell)[:60], expected)


def read_commas(zone: str, cells: Sequence[object], handling: Handling) -> list[Repair]:
    """How many of the cells were read with a comma for a decimal point."""
    if handling.decimal != ",":
        return []
    count = sum(isinstance(cell, str) and COMMA_DECIMAL.fullmatch(cell.strip()) is not None for cell in cells)
    return [Repair(zone, "decimal commas read as points", count)] if count else []


def converted(zone: str, stated: str, count: int, handling: Handling) -> list[Repair]:
    """The conversion of units, where there is any."""
    unit = handling.unit or stated
    return [Repair(zone, f"converted from {unit} to g/kWh", count)] if handling.factor(stated) != 1 else []


def clock(
    rows: Rows, handling: Handling, parse: Callable[[str], datetime] = datetime.fromisoformat
) -> tuple[Times, bool, list[Finding]]:
    """(N,) instants, whether the file or the user states their clock, and the cells that are no time."""
    read = [_time(cell, parse) for cell in rows.times]
    naive = [i for i, time in enumerate(read) if time is not None and time.tzinfo is None]
    placed = read if handling.timezone is None else list(_placed(read, handling.timezone))
    wrong = [_no_time(rows, i, read[i], handling) for i, time in enumerate(placed) if time is None]
    if naive and any(time is not None and time.tzinfo is not None for time in read):
        found = f"{rows.times[naive[0]]!r}, without an offset"
        wrong.append(Finding("time", rows.zone, rows.where[naive[0]], found, "one, as other rows have"))
    utc = np.array([time if time is None else _utc(time) for time in placed], dtype="datetime64[s]")
    return utc, handling.timezone is not None or not naive, wrong


def _utc(time: datetime) -> datetime:
    """The time on UTC's clock, which one without a zone is taken to be on, without a zone."""
    return time if time.tzinfo is None else time.astimezone(UTC).replace(tzinfo=None)


def _time(cell: object, parse: Callable[[str], datetime]) -> datetime | None:
    try:
        return parse(cell.strip()) if isinstance(cell, str) else None
    except ValueError:
        return None


def _placed(times: Sequence[datetime | None], zone: tzinfo) -> Iterator[datetime | None]:
    """Each time with a zone; one that a clock shows twice in autumn is the later at its second appearance."""
    seen: set[datetime] = set()
    for time in times:
        if time is None or time.tzinfo is not None:
            yield time
            continue
        local = time.replace(tzinfo=zone, fold=int(time in seen))
        seen.add(time)
        exists = local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == time
        yield local if exists else None


def _no_time(rows: Rows, i: int, read: datetime | None, handling: Handling) -> Finding:
    if read is None:
        return Finding("time", rows.zone, rows.where[i], repr(rows.times[i])[:60], ISO_EXAMPLE)
    found = f"{rows.times[i]}, which no clock in {handling.timezone} shows"
    return Finding("time", rows.zone, rows.where[i], found, "local times of that zone")
