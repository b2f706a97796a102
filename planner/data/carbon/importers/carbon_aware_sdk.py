"""carbon-aware-sdk JSON: `location, time, rating, duration` in g/kWh; a list, or under `emissions`, or capitalised.

The SDK passes on what its data source gives, so that the file does not tell a marginal series (WattTime) from an
average one (Electricity Maps): the user says which.
"""

from collections.abc import Mapping

from planner.data.carbon.cells import readings
from planner.data.carbon.handling import Handling, choose, kinds
from planner.data.carbon.readings import Publication, Readings
from planner.data.carbon.tables import json_document, members, records, zone_rows

PUBLICATION = Publication(
    "carbon-aware-sdk (Green Software Foundation)", "of the data source behind the SDK", "gCO2e/kWh"
)
KINDS = (
    *kinds(["marginal"], ["direct", "lifecycle"], ["consumption", "production"]),
    *kinds(["average"], ["lifecycle", "direct"], ["consumption", "production"]),
)


def read(text: str, handling: Handling) -> list[Readings]:
    """A zone a location. UsageError unless the kind is said."""
    document = json_document(text)
    if isinstance(document, Mapping):
        document = {k.lower(): v for k, v in document.items()}.get("emissions")
    found = [{k.lower(): v for k, v in record.items()} for record in records(document, "/emissions")]
    where = [f"record {i}" for i in range(len(found))]
    zones, times, ratings = (members(found, key, where) for key in ("location", "time", "rating"))
    kind = choose(KINDS, handling.kind, must_say=True)
    return [
        readings(rows, rows.of(ratings), kind=kind, publication=PUBLICATION, handling=handling)
        for rows in zone_rows(list(map(str, zones)), where, times, handling.zone)
    ]
