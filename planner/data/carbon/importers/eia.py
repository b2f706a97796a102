"""EIA-930 hourly generation by energy source, in the three layouts it travels in.

- six-month files (EIA930_BALANCE_2023_Jan_Jun.csv): `Balancing Authority, UTC Time at End of Hour, Net Generation (MW)
  from Coal, ...`, times as 01/01/2023 1:00:00 AM, thousands with commas;
- the API's long rows: `period, respondent, fueltype, value`, `period` the end of the hour (UTC);
- a row an hour with a column a fuel code: `ba, timestamp, WND, SUN, WAT, OIL, NG, COL, NUC, OTH`, start of the hour.

Production based. Direct factors are EIA's own; a carbon intensity that a file may hold itself is not read.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from planner.data.carbon.factors import EIA_DIRECT, IPCC_LIFECYCLE
from planner.data.carbon.generation import mix_readings
from planner.data.carbon.handling import Handling, choose, kinds
from planner.data.carbon.readings import Readings
from planner.data.carbon.tables import Rows, Table, csv_table, plain, zone_rows
from planner.errors import InvalidInput

PUBLISHED = ("U.S. EIA-930 Hourly Electric Grid Monitor", "public domain (U.S. government work)")
KINDS = kinds(["average"], ["direct", "lifecycle"], ["production"])
CODES = {"wnd": "wind", "sun": "solar", "wat": "hydro", "oil": "oil", "ng": "gas", "col": "coal", "nuc": "nuclear",
         "oth": "other", "geo": "geothermal", "unk": "other", "bat": "storage", "ps": "storage",
         "oes": "storage", "ues": "storage", "snb": "solar", "wnb": "wind"}  # fmt: skip
NAMES = {"coal": "coal", "natural gas": "gas", "nuclear": "nuclear", "all petroleum products": "oil",
         "hydropower and pumped storage": "hydro", "hydropower excluding pumped storage": "hydro", "solar": "solar",
         "wind": "wind", "geothermal": "geothermal", "other fuel sources": "other", "unknown fuel sources": "other",
         "solar without integrated battery storage": "solar", "solar with integrated battery storage": "solar",
         "wind without integrated battery storage": "wind", "wind with integrated battery storage": "wind"}  # fmt: skip
SIX_MONTH = re.compile(r"net generation \(mw\) from (?P<fuel>[a-z ]+)")
PARTS = re.compile("excluding|without|with integrated")
Columns = Mapping[str, tuple[str, Sequence[Any]]]


def read(text: str, handling: Handling) -> list[Readings]:
    """A zone a balancing authority."""
    table = csv_table(text)
    if table.optional("balancing authority") is not None:
        return _six_month(table, handling)
    if table.optional("fueltype", "type code") is not None:
        return _long(table, handling)
    return _wide(table, handling)


def _six_month(table: Table, handling: Handling) -> list[Readings]:
    found = [(i, m["fuel"].strip()) for i, name in enumerate(table.header) if (m := SIX_MONTH.fullmatch(plain(name)))]
    unknown = [fuel for _, fuel in found if fuel not in NAMES and "storage" not in fuel]
    if unknown or not found:
        what = f"of a known fuel, but '{unknown[0]}'" if unknown else "of generation"
        raise table.lacks(what, "'Net Generation (MW) from Coal' and the like")
    fuels = {table.header[i]: (NAMES[fuel], table.column(i)) for i, fuel in found if fuel in NAMES}
    times = table.column(table.index("utc time at end of hour"))
    return _zones(table, "balancing authority", times, fuels, handling, ends=True)


def _wide(table: Table, handling: Handling) -> list[Readings]:
    fuels = {n: (CODES[plain(n)], table.column(i)) for i, n in enumerate(table.header) if plain(n) in CODES}
    if not fuels:
        raise table.lacks("of generation", f"EIA-930's columns, or {', '.join(CODES).upper()}")
    times = table.column(table.index("timestamp", "period"))
    return _zones(table, "ba", times, fuels, handling, ends=False)


def _long(table: Table, handling: Handling) -> list[Readings]:
    """Rows a fuel turned into columns; an hour that lacks a fuel which others have has an empty cell there."""
    zones, periods = table.column(table.index("respondent")), table.column(table.index("period"))
    codes, values = table.column(table.index("fueltype", "type code")), table.column(table.index("value"))
    return [
        _mix(*_pivoted(rows, rows.of(codes), rows.of(values)), handling, ends=True)
        for rows in zone_rows(zones, table.where, periods, handling.zone)
    ]


def _pivoted(rows: Rows, codes: Sequence[str], values: Sequence[str]) -> tuple[Rows, Columns]:
    first: dict[object, int] = {}
    by_fuel: dict[str, dict[object, str]] = {}
    for i, (period, code) in enumerate(zip(rows.times, codes, strict=True)):
        fuel = by_fuel.setdefault(_code(code, rows.where[i]), {})
        if period in fuel:
            raise InvalidInput(rows.where[i], f"{code} of {period} again", "one row an hour and fuel")
        fuel[period] = values[i]
        first.setdefault(period, i)
    columns: Columns = {code: (CODES[code], [of.get(p) for p in first]) for code, of in by_fuel.items()}
    return Rows(rows.zone, range(len(first)), [rows.where[i] for i in first.values()], list(first)), columns


def _code(code: str, where: str) -> str:
    if plain(code) not in CODES:
        raise InvalidInput(where, f"the fuel '{code}'", f"one of {', '.join(CODES).upper()}")
    return plain(code)


def _zones(
    table: Table, column: str, times: Sequence[str], fuels: Columns, handling: Handling, *, ends: bool
) -> list[Readings]:
    zones = table.column(table.index(column))
    return [
        _mix(rows, {name: (fuel, rows.of(cells)) for name, (fuel, cells) in fuels.items()}, handling, ends=ends)
        for rows in zone_rows(zones, table.where, times, handling.zone)
    ]


def _mix(rows: Rows, columns: Columns, handling: Handling, *, ends: bool) -> Readings:
    kind = choose(KINDS, handling.kind)
    factors = EIA_DIRECT if kind.scope == "direct" else IPCC_LIFECYCLE
    generated = {name: cells for name, cells in columns.items() if cells[0] != "storage" and not _part(name, columns)}
    parse = _hour_before if ends else _time
    return mix_readings(
        rows, generated, kind=kind, factors=factors, published=PUBLISHED, handling=handling, parse=parse
    )


def _part(name: str, columns: Columns) -> bool:
    """Whether the column is a part of another that holds the whole for these rows."""
    if _is_whole(name):
        return False
    wholes = [cells for other, (fuel, cells) in columns.items() if _is_whole(other) and fuel == columns[name][0]]
    return any(str(cell).strip() for cells in wholes for cell in cells)


def _is_whole(name: str) -> bool:
    return not PARTS.search(plain(name))


def _time(text: str) -> datetime:
    """01/31/2023 1:00:00 AM, or ISO 8601."""
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p") if "/" in text else datetime.fromisoformat(text)


def _hour_before(text: str) -> datetime:
    """The start of the hour that a time ends."""
    return _time(text) - timedelta(hours=1)
