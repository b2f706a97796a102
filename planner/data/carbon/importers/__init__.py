"""Downloaded files -> rows of carbon intensity: one file a format, each a pure function of the text."""

from collections.abc import Callable, Mapping

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import (
    carbon_aware_sdk,
    carboncast,
    eia,
    electricity_maps,
    entsoe,
    uk,
    watttime,
)
from planner.data.carbon.quality import findings
from planner.data.carbon.readings import Finding, Readings
from planner.data.carbon.repair import Imported, imported
from planner.errors import UsageError

Reader = Callable[[str, Handling], list[Readings]]
FORMATS: Mapping[str, Reader] = {
    "electricity-maps": electricity_maps.read,
    "watttime": watttime.read,
    "uk": uk.read,
    "entsoe": entsoe.read,
    "eia": eia.read,
    "carbon-aware-sdk": carbon_aware_sdk.read,
    "carboncast": carboncast.read,
}


def read(text: str, format_name: str, handling: Handling) -> list[Readings]:
    """The rows of every wanted zone, unrepaired. UsageError for an unknown format, InvalidInput for another file."""
    if format_name not in FORMATS:
        raise UsageError(f"unknown format '{format_name}': one of {', '.join(FORMATS)}")
    return FORMATS[format_name](text, handling)


def check(text: str, format_name: str, handling: Handling) -> list[Finding]:
    """Everything that is wrong with a file's rows."""
    return [found for zone in read(text, format_name, handling) for found in findings(zone, handling)]


def import_series(text: str, format_name: str, handling: Handling) -> Imported:
    """The series in a file and the repairs made. InvalidInput for the first thing that may not be repaired."""
    return imported(read(text, format_name, handling), handling)
