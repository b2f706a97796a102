"""ENTSO-E generation per production type, as entsoe-py's `query_generation(...).to_csv(...)` writes it.

The first column is the time with its offset. The header has one row (`nett=True`, or tuples), or two, the second of
which tells "Actual Aggregated", what is generated, from "Actual Consumption", what pumps and plants take; only the
former is read. Production types are grouped as Electricity Maps' parser does. Imports are not in the file: it is
production based.
"""

import re

from planner.data.carbon.factors import IPCC_DIRECT, IPCC_LIFECYCLE
from planner.data.carbon.generation import mix_readings
from planner.data.carbon.handling import Handling, choose, kinds
from planner.data.carbon.readings import Readings
from planner.data.carbon.tables import Rows, Table, csv_table, named, plain

PUBLISHED = ("ENTSO-E Transparency Platform, generation per production type", "ENTSO-E terms (CC-BY-4.0)")
KINDS = kinds(["average"], ["direct", "lifecycle"], ["production"])
FUELS = {
    "biomass": "biomass",
    "fossil brown coal/lignite": "coal",
    "fossil coal-derived gas": "coal",
    "fossil gas": "gas",
    "fossil hard coal": "coal",
    "fossil oil": "oil",
    "fossil oil shale": "coal",
    "fossil peat": "coal",
    "geothermal": "geothermal",
    "hydro pumped storage": "hydro",
    "hydro run-of-river and poundage": "hydro",
    "hydro run-of-river and pondage": "hydro",
    "hydro water reservoir": "hydro",
    "marine": "other",
    "nuclear": "nuclear",
    "other renewable": "other",
    "solar": "solar",
    "waste": "biomass",
    "wind offshore": "wind",
    "wind onshore": "wind",
    "energy storage": "other",
    "other": "other",
}
CONSUMED = "actual consumption"
TUPLE = re.compile(r"\('(.+)', '(.+)'\)")


def read(text: str, handling: Handling) -> list[Readings]:
    """The one zone that the user names. InvalidInput for a column that is no production type."""
    zone = named(handling.zone)
    table = csv_table(text, header_rows=2 if _second_header(text) else 1)
    kind = choose(KINDS, handling.kind)
    factors = IPCC_DIRECT if kind.scope == "direct" else IPCC_LIFECYCLE
    rows = Rows(zone, range(len(table.rows)), table.where, table.column(0))
    return [mix_readings(rows, _generation(table), kind=kind, factors=factors, published=PUBLISHED, handling=handling)]


def _second_header(text: str) -> bool:
    return any("actual aggregated" in line.lower() for line in text.splitlines()[1:2])


def _generation(table: Table) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for i, name in enumerate(table.header[1:], start=1):
        production_type, _, column = plain(TUPLE.sub(r"\1 | \2", name)).partition(" | ")
        if column == CONSUMED:
            continue
        if production_type not in FUELS:
            raise table.lacks("of a known production type", f"types such as Fossil Gas, not '{name}'")
        found[name] = (FUELS[production_type], table.column(i))
    if not found:
        raise table.lacks("of generation", "a column a production type")
    return found
