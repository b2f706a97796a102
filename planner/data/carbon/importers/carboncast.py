"""CarbonCast CSV (Maji et al., BuildSys 2022): `UTC time, carbon_intensity` and the generation it was made of.

The older files (REGION_direct_emissions.csv, REGION_lifecycle_emissions.csv) do not say inside which of the two they
hold, so the user says it, and the generation beside it is used to check. The newer ones have a column each,
`carbon_intensity_avg_direct` and `carbon_intensity_avg_lifecycle`, and a `region_code`.
"""

from dataclasses import replace

import numpy as np

from planner.data.carbon.cells import amounts, readings
from planner.data.carbon.factors import IPCC_DIRECT, IPCC_LIFECYCLE
from planner.data.carbon.handling import Handling, choose, kinds
from planner.data.carbon.readings import Finding, Publication, Readings
from planner.data.carbon.tables import Rows, Table, csv_table, zone_column, zone_rows
from planner.domain.instance import CarbonKind, Floats

PUBLICATION = Publication(
    "CarbonCast (carbonfirst/CarbonCast), from EIA, ENTSO-E and OpenNEM", "see the CarbonCast repository", "gCO2e/kWh"
)
KINDS = kinds(["average"], ["direct", "lifecycle"], ["production"])
ONE = "carbon intensity"
FUELS = {name: name for name in IPCC_LIFECYCLE.by_fuel if name != "gas"} | {"nat gas": "gas", "unknown": "other"}


def read(text: str, handling: Handling) -> list[Readings]:
    """A zone a region code, or the one that the user names."""
    table = csv_table(text)
    times = table.column(table.index("utc time", "datetime"))
    column, kind = _intensity(table, handling)
    values, zones = table.column(column), zone_column(table, ["region code"], handling.zone)
    return [
        _doubted(
            readings(rows, rows.of(values), kind=kind, publication=PUBLICATION, handling=handling),
            _of_mix(table, rows, handling),
        )
        for rows in zone_rows(zones, table.where, times, handling.zone)
    ]


def _intensity(table: Table, handling: Handling) -> tuple[int, CarbonKind]:
    both = {k.scope: i for k in KINDS if (i := table.optional(f"carbon intensity avg {k.scope}")) is not None}
    if both:
        kind = choose([k for k in KINDS if k.scope in both], handling.kind)
        return both[kind.scope], kind
    return table.index(ONE), choose(KINDS, handling.kind, must_say=True)


def _of_mix(table: Table, rows: Rows, handling: Handling) -> dict[str, Floats]:
    """(N,) the direct and the life-cycle intensity of the generation in the rows; nothing where there is none."""
    columns = {fuel: i for name, fuel in FUELS.items() if (i := table.optional(name)) is not None}
    if not {"coal", "gas"} <= columns.keys():
        return {}
    cells = {fuel: rows.of(table.column(i)) for fuel, i in columns.items()}
    energy = {fuel: np.nan_to_num(amounts(of, rows.where, rows.zone, handling)[0]) for fuel, of in cells.items()}
    total = np.maximum(np.sum(list(energy.values()), axis=0), 1e-9)
    return {
        scope: np.sum([factors.of(fuel) * e for fuel, e in energy.items()], axis=0) / total
        for scope, factors in (("direct", IPCC_DIRECT), ("lifecycle", IPCC_LIFECYCLE))
    }


def _doubted(found: Readings, of_mix: dict[str, Floats]) -> Readings:
    """With a finding where the generation gives the other scope than the one that was said."""
    if not of_mix:
        return found
    distance = {scope: float(np.nanmedian(np.abs(values - found.values))) for scope, values in of_mix.items()}
    nearest = min(distance, key=lambda scope: distance[scope])
    if nearest == found.kind.scope:
        return found
    expected = f"{found.kind.scope}, as said (--kind {nearest}?)"
    doubt = Finding(
        "kind", found.zone, found.where[0], f"values that fit {nearest} factors", expected, len(found.values)
    )
    return replace(found, findings=(*found.findings, doubt))
