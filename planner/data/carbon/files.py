"""Series as a text of their own: a line of JSON that says what they are, then `zone,time,g_per_kwh` rows."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

import numpy as np

from planner.data.carbon.handling import EVERY_KIND
from planner.data.carbon.series import Series, iso, said
from planner.data.carbon.tables import Table, csv_table, refuse_other
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput

SCHEMA = "planner.series/1"
HEADER = ("zone", "time", "g_per_kwh")
TOLD = ("zone", "step_minutes", "source", "licence", "unit", "kind")


def series_text(series: Sequence[Series]) -> str:
    """The text of some series; `series_of` reads it back without loss."""
    told = [{name: getattr(one, name) for name in TOLD} | {"kind": asdict(one.kind)} for one in series]
    out = io.StringIO()
    out.write("# " + json.dumps({"schema": SCHEMA, "series": told}, ensure_ascii=False) + "\n")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(HEADER)
    for one in series:
        rows.writerows(
            (one.zone, iso(time), repr(value)) for time, value in zip(one.times, one.values.tolist(), strict=True)
        )
    return out.getvalue()


def series_of(text: str) -> list[Series]:
    """The series in a text that `series_text` wrote. InvalidInput for any other, and for a row that does not fit."""
    refuse_other(text, "a series file, as `planner data import` writes it")
    told = {str(about.get("zone")): about for about in _about(text.split("\n", 1)[0])}
    table = csv_table(text.split("\n", 1)[1] if "\n" in text else "")
    if tuple(table.header) != HEADER:
        raise InvalidInput("row 2", ",".join(table.header)[:80], ",".join(HEADER))
    found = [_series(zone, rows, told) for zone, rows in groupby(_rows(table), key=lambda row: row[1])]
    absent = told.keys() - {one.zone for one in found}
    if absent or len(found) != len(told):
        raise InvalidInput("row 1", f"{len(told)} zones told, {len(found)} groups of rows", "one group of rows a zone")
    return found


def _about(line: str) -> list[dict[str, Any]]:
    expected = f'a first row such as # {{"schema": "{SCHEMA}", ...}}'
    try:
        document = json.loads(line.removeprefix("#"))
    except json.JSONDecodeError as error:
        raise InvalidInput("row 1", f"{line[:40]!r}", expected) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InvalidInput("row 1", f"{line[:40]!r}", expected)
    return [about for about in document.get("series", []) if isinstance(about, dict)]


def _rows(table: Table) -> Iterable[tuple[str, str, np.datetime64, float]]:
    for line, (zone, time, value) in zip(table.lines, table.rows, strict=True):
        where = f"row {line + 1}"
        try:
            yield where, zone, np.datetime64(time.removesuffix("Z"), "s"), float(value)
        except ValueError as error:
            raise InvalidInput(where, f"{time}, {value}", "a UTC time and a number") from error


def _series(
    zone: str, rows: Iterable[tuple[str, str, np.datetime64, float]], told: Mapping[str, Mapping[str, Any]]
) -> Series:
    where, _, times, values = zip(*rows, strict=True)
    if zone not in told:
        raise InvalidInput(where[0], f"the zone '{zone}'", f"one that row 1 tells of: {', '.join(told)}")
    about = told[zone]
    try:
        kind = CarbonKind(**about["kind"])
        step, source, licence, unit = (about[name] for name in TOLD[1:5])
    except (KeyError, TypeError) as error:
        raise InvalidInput("row 1", f"{zone}: no {error}", f"the members {', '.join(TOLD)}") from error
    if kind not in EVERY_KIND:
        raise InvalidInput("row 1", f"{zone}: the kind '{said(kind)}'", f"a kind such as '{said(EVERY_KIND[0])}'")
    return Series(zone, np.array(times), int(step), np.array(values), source, licence, unit, kind)
