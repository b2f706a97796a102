"""WattTime v3 JSON (`/v3/historical`, `/v3/forecast`): `data[].point_time, value` and `meta.region, units`."""

from typing import Any

from planner.data.carbon.cells import readings
from planner.data.carbon.handling import Handling, choose
from planner.data.carbon.readings import Publication, Readings
from planner.data.carbon.tables import Rows, json_document, members, named, records
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput

PUBLICATION = Publication("WattTime (watttime.org)", "WattTime API terms: not to be redistributed", "gCO2/kWh")
UNITS = {
    "lbs_co2_per_mwh": "lbs/MWh",
    "lb_co2_per_mwh": "lbs/MWh",
    "g_co2_per_kwh": "g/kWh",
    "kg_co2_per_mwh": "kg/MWh",
}
KINDS = {
    "co2_moer": CarbonKind("marginal", "direct", "consumption"),
    "co2_aoer": CarbonKind("average", "direct", "consumption"),
}


def read(text: str, handling: Handling) -> list[Readings]:
    """The one region of an answer; marginal, in lbs/MWh unless its `meta` says otherwise."""
    document = json_document(text)
    if not isinstance(document, dict):
        raise InvalidInput("/", type(document).__name__, "an object with data and meta, as WattTime v3 answers")
    found = records(document.get("data"), "/data")
    meta = document.get("meta") or {}
    where = [f"/data/{i}" for i in range(len(found))]
    rows = Rows(_zone(meta, handling), range(len(found)), where, members(found, "point_time", where))
    values = members(found, "value", where)
    kind, stated = _kind(meta, handling), _unit(meta)
    return [readings(rows, values, kind=kind, publication=PUBLICATION, handling=handling, stated=stated)]


def _zone(meta: dict[str, Any], handling: Handling) -> str:
    """The region; another name where the user gives one, for a grid zone has other names elsewhere."""
    return named(handling.zone or meta.get("region"))


def _unit(meta: dict[str, Any]) -> str:
    unit = meta.get("units", "lbs_co2_per_mwh")
    if unit not in UNITS:
        raise InvalidInput("/meta/units", repr(unit), " or ".join(UNITS))
    return UNITS[unit]


def _kind(meta: dict[str, Any], handling: Handling) -> CarbonKind:
    signal = meta.get("signal_type", "co2_moer")
    if signal not in KINDS:
        raise InvalidInput("/meta/signal_type", repr(signal), " or ".join(KINDS))
    return choose([KINDS[signal]], handling.kind)
