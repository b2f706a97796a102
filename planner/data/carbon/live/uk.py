"""Carbon Intensity API of Great Britain's system operator: half-hours, estimated and forecast, without credentials."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import uk
from planner.data.carbon.live.credentials import base_url
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.spans import Span, stamp
from planner.data.carbon.live.web import Web
from planner.data.carbon.readings import Readings
from planner.errors import UsageError

REGIONS = tuple(f"GB-{number}" for number in range(1, 18))
ADDRESS = "UK_CARBON_INTENSITY_URL"


class UnitedKingdom:
    """Its national series (zone GB), and the forecasts of its 17 regions (zones GB-1 to GB-17).

    Of a region no other values are published, so that its history is what was foretold.
    """

    name: ClassVar[str] = "UK Carbon Intensity"
    longest: ClassVar[timedelta] = timedelta(days=14)

    def __init__(self) -> None:
        self._url = base_url(ADDRESS, "https://api.carbonintensity.org.uk")

    def history(self, zone: str, span: Span) -> Question:
        """See Api. UsageError: a zone elsewhere."""
        start, end = map(stamp, span)
        return Question(self.name, f"zone {zone}, from {start} to {end}", self._address(zone, f"{start}/{end}"))

    def forecast(self, zone: str, now: datetime) -> Question:
        """See Api. UsageError: a zone elsewhere."""
        url, kept_as = (self._address(zone, f"{time}/fw48h") for time in (stamp(now), "now"))
        return Question(self.name, f"zone {zone}, forecast", url, kept_as=kept_as)

    def headers(self, web: Web) -> Mapping[str, str]:  # noqa: ARG002 - see Api
        """None: the service is open."""
        return {}

    def read(self, text: str, handling: Handling, *, forecast: bool) -> list[Readings]:
        """See Api."""
        return uk.read(text, handling, forecast=forecast)

    def _address(self, zone: str, when: str) -> str:
        if zone == "GB":
            return f"{self._url}/intensity/{when}"
        if zone in REGIONS:
            return f"{self._url}/regional/intensity/{when}/regionid/{zone.removeprefix('GB-')}"
        raise UsageError(f"{self.name} knows no zone '{zone}': give GB, or one of its regions, GB-1 to GB-17")
