"""Electricity Maps: hourly average carbon intensity of consumption, direct or life cycle, and a forecast of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import electricity_maps_json
from planner.data.carbon.live.credentials import base_url, credential
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.spans import Span, stamp
from planner.data.carbon.live.web import Web
from planner.data.carbon.readings import Readings

HORIZON_HOURS = "72"
TOKEN = "ELECTRICITY_MAPS_TOKEN"  # noqa: S105 - the variable it stands in
ADDRESS = "ELECTRICITY_MAPS_URL"


class ElectricityMaps:
    """Its interface of version 3. `scope` is direct or lifecycle; the token comes from ELECTRICITY_MAPS_TOKEN."""

    name: ClassVar[str] = "Electricity Maps"
    longest: ClassVar[timedelta] = timedelta(days=10)  # the service's limit of an hourly range

    def __init__(self, scope: str = "direct") -> None:
        self._url = base_url(ADDRESS, "https://api.electricitymaps.com") + "/v3/carbon-intensity"
        self._scope = scope

    def history(self, zone: str, span: Span) -> Question:
        """See Api."""
        start, end = map(stamp, span)
        return self._question("past-range", zone, f"from {start} to {end}", start=start, end=end)

    def forecast(self, zone: str, now: datetime) -> Question:  # noqa: ARG002 - see Api
        """See Api."""
        return self._question("forecast", zone, "forecast", horizonHours=HORIZON_HOURS)

    def headers(self, web: Web) -> Mapping[str, str]:  # noqa: ARG002 - see Api
        """See Api."""
        return {"auth-token": credential(TOKEN, self.name)}

    def read(self, text: str, handling: Handling, *, forecast: bool) -> list[Readings]:  # noqa: ARG002 - see Api
        """See Api."""
        return electricity_maps_json.read(text, handling)

    def _question(self, endpoint: str, zone: str, about: str, **more: str) -> Question:
        params = {"zone": zone, "emissionFactorType": self._scope, "temporalGranularity": "hourly", **more}
        return Question(self.name, f"zone {zone}, {about}", f"{self._url}/{endpoint}", tuple(params.items()))
