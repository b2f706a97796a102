"""Electricity Maps: yearly CSV files in their three generations of headers, and tables with a column a zone.

Since 2024 `Datetime (UTC), ..., Zone id, Carbon intensity gCO2eq/kWh (direct), ... (Life cycle)`; 2021 to 2023 the
same with capitals and `(LCA)`; before that `timestamp, datetime, zone_name, carbon_intensity_avg`, which is life
cycle. A table with a column a zone names them `ZONE:direct` and `ZONE:lca`, as the export in nesl/CarbonX does.
"""

import re

from planner.data.carbon.cells import readings
from planner.data.carbon.handling import Handling, choose, kinds
from planner.data.carbon.readings import Publication, Readings
from planner.data.carbon.tables import Rows, Table, csv_table, only, plain, zone_column, zone_rows
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput

PUBLICATION = Publication("Electricity Maps (electricitymaps.com)", "ODbL-1.0", "gCO2e/kWh")
KINDS = kinds(["average"], ["direct", "lifecycle"], ["consumption"])
TIMES = ("datetime (utc)", "utc hour start", "datetime")
ZONES = ("zone id", "zone key", "zone name", "zone")
SCOPES = {"direct": "direct", "lca": "lifecycle", "life cycle": "lifecycle", "lifecycle": "lifecycle"}
INTENSITY = re.compile(r"carbon intensity (?P<unit>\S+) \((?P<scope>[^)]+)\)")
OLD_INTENSITY = "carbon intensity avg"
GRAMS = re.compile(r"gco2(eq?)?/kwh")
WIDE = re.compile(r"(?P<zone>[^:]+):(?P<scope>direct|lca)")


def read(text: str, handling: Handling) -> list[Readings]:
    """One zone or many; direct unless the kind says life cycle or the file holds nothing else."""
    table = csv_table(text)
    times = table.column(table.index(*TIMES))
    wide = [(i, m) for i, name in enumerate(table.header) if (m := WIDE.fullmatch(name))]
    if wide:
        return _wide(table, times, wide, handling)
    column, kind = _intensity(table, handling)
    values, zones = table.column(column), zone_column(table, ZONES, handling.zone)
    return [
        readings(rows, rows.of(values), kind=kind, publication=PUBLICATION, handling=handling)
        for rows in zone_rows(zones, table.where, times, handling.zone)
    ]


def _wide(
    table: Table, times: tuple[str, ...], found: list[tuple[int, re.Match[str]]], handling: Handling
) -> list[Readings]:
    """Tables with a column a zone and scope."""
    kind = choose(KINDS, handling.kind)
    columns = {m["zone"]: i for i, m in found if SCOPES[m["scope"]] == kind.scope}
    return [
        readings(
            Rows(zone, range(len(times)), table.where, times),
            table.column(i),
            kind=kind,
            publication=PUBLICATION,
            handling=handling,
        )
        for zone, i in only(columns, handling.zone).items()
    ]


def _intensity(table: Table, handling: Handling) -> tuple[int, CarbonKind]:
    """The column of the wanted scope and its kind. InvalidInput for none, or for one in another unit."""
    found = {SCOPES.get(m["scope"]): (i, m["unit"]) for i, m in _columns(table)}
    old = table.optional(OLD_INTENSITY)
    if old is not None:
        found.setdefault("lifecycle", (old, "gco2eq/kwh"))
    offered = [kind for kind in KINDS if kind.scope in found]
    if not offered:
        raise table.lacks("of carbon intensity", "'Carbon intensity gCO2eq/kWh (direct)' or '(Life cycle)'")
    kind = choose(offered, handling.kind)
    column, unit = found[kind.scope]
    if handling.unit is None and not GRAMS.fullmatch(unit):
        raise InvalidInput("header", f"'{table.header[column]}'", "gCO2eq/kWh (--unit converts, e.g. --unit lbs/MWh)")
    return column, kind


def _columns(table: Table) -> list[tuple[int, re.Match[str]]]:
    return [(i, m) for i, name in enumerate(table.header) if (m := INTENSITY.fullmatch(plain(name)))]
