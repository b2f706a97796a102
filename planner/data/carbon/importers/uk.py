"""The UK Carbon Intensity API: `data[].from, to, intensity.{forecast, actual}`, half-hours of Great Britain.

The national answer has a list in `data` and is read as zone GB, from `actual`; a regional one has an object with
`regionid` and a list of its own, holds forecasts only, and is read as zone GB-REGIONID.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from planner.data.carbon.cells import readings
from planner.data.carbon.handling import Handling, choose
from planner.data.carbon.readings import Publication, Readings
from planner.data.carbon.tables import Rows, json_document, member, members, records
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput

SOURCE = "NESO Carbon Intensity API (carbonintensity.org.uk)"
KIND = CarbonKind("average", "direct", "consumption")  # generation and imports; CO2 of operation only


def read(text: str, handling: Handling, *, forecast: bool = False) -> list[Readings]:
    """The one zone of an answer, what was or what was foretold; `--zone` gives it another name."""
    document = json_document(text)
    data = document.get("data") if isinstance(document, dict) else document
    if isinstance(data, Mapping):
        zone, where, name = f"GB-{data.get('regionid')}", "/data/data", "forecast"
        found = records(data.get("data"), where)
    else:
        zone, where, name = "GB", "/data", "forecast" if forecast else "actual"
        found = records(data, where)
    return [_readings(handling.zone or zone, found, where, name, handling)]


def _readings(zone: str, found: Sequence[Mapping[str, Any]], where: str, name: str, handling: Handling) -> Readings:
    places = [f"{where}/{i}" for i in range(len(found))]
    rows = Rows(zone, range(len(found)), places, members(found, "from", places))
    values = [_intensity(x, name, place) for x, place in zip(members(found, "intensity", places), places, strict=True)]
    publication = Publication(f"{SOURCE}, {name}", "CC-BY-4.0", "gCO2/kWh")
    return readings(rows, values, kind=choose([KIND], handling.kind), publication=publication, handling=handling)


def _intensity(intensity: Any, name: str, place: str) -> Any:
    if not isinstance(intensity, Mapping):
        raise InvalidInput(f"{place}/intensity", repr(intensity)[:60], f"an object with '{name}'")
    return member(intensity, name, f"{place}/intensity")
