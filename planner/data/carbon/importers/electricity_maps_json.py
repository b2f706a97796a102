"""Electricity Maps, JSON of its interface: `carbon-intensity/past-range`, `history` and `forecast`.

`zone`, and `data[]`, `history[]` or `forecast[]` of `datetime`, `carbonIntensity` (gCO2eq/kWh, null where unknown)
and, not always, `zone` and `emissionFactorType` (direct or lifecycle).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.data.carbon.cells import readings
from planner.data.carbon.handling import Handling, choose
from planner.data.carbon.importers.electricity_maps import KINDS, PUBLICATION
from planner.data.carbon.readings import Readings
from planner.data.carbon.tables import json_document, members, records, zone_rows
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput

ARRAYS = ("data", "history", "forecast")


def read(text: str, handling: Handling) -> list[Readings]:
    """The zones of an answer. UsageError: neither the answer nor the kind says whether it is direct or life cycle."""
    document = json_document(text)
    array = next((a for a in ARRAYS if isinstance(document, dict) and a in document), None)
    if array is None:
        raise InvalidInput("/", "none of them", f"an array {', '.join(ARRAYS)}")
    found = records(document[array], f"/{array}")
    where = [f"/{array}/{i}" for i in range(len(found))]
    zones = [str(record.get("zone") or document.get("zone") or "") for record in found]
    times, values = (members(found, key, where) for key in ("datetime", "carbonIntensity"))
    kind = _kind(found, where, handling)
    return [
        readings(rows, rows.of(values), kind=kind, publication=PUBLICATION, handling=handling)
        for rows in zone_rows(zones, where, times, handling.zone)
    ]


def _kind(found: Sequence[Mapping[str, Any]], where: Sequence[str], handling: Handling) -> CarbonKind:
    """What all records say, which must be what is wanted."""
    stated = {str(r["emissionFactorType"]): w for r, w in zip(found, where, strict=True) if r.get("emissionFactorType")}
    kind = choose(KINDS, handling.kind or " ".join(stated), must_say=True)
    for scope, place in stated.items():
        if scope != kind.scope:
            raise InvalidInput(f"{place}/emissionFactorType", scope, kind.scope)
    return kind
