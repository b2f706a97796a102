"""WattTime: marginal operating emissions of a grid region, every five minutes, and a forecast of them."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import watttime
from planner.data.carbon.live.credentials import base_url, credential, require_sendable
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.spans import Span, stamp
from planner.data.carbon.live.web import Web
from planner.data.carbon.readings import Readings
from planner.errors import NetworkError

HORIZON_HOURS = "72"
SIGNAL = "co2_moer"
USER, PASSWORD = "WATTTIME_USER", "WATTTIME_PASSWORD"
ADDRESS = "WATTTIME_URL"


class WattTime:
    """Its interface of version 3. WATTTIME_USER and WATTTIME_PASSWORD are exchanged for a token of half an hour."""

    name: ClassVar[str] = "WattTime"
    longest: ClassVar[timedelta] = timedelta(days=30)  # the service allows 32

    def __init__(self) -> None:
        self._url = base_url(ADDRESS, "https://api.watttime.org")
        self._token = ""

    def history(self, zone: str, span: Span) -> Question:
        """See Api."""
        start, end = map(stamp, span)
        return self._question("historical", zone, f"from {start} to {end}", start=start, end=end)

    def forecast(self, zone: str, now: datetime) -> Question:  # noqa: ARG002 - see Api
        """See Api."""
        return self._question("forecast", zone, "forecast", horizon_hours=HORIZON_HOURS)

    def headers(self, web: Web) -> Mapping[str, str]:
        """See Api."""
        self._token = self._token or self._login(web)
        return {"Authorization": f"Bearer {self._token}"}

    def read(self, text: str, handling: Handling, *, forecast: bool) -> list[Readings]:  # noqa: ARG002 - see Api
        """See Api."""
        return watttime.read(text, handling)

    def _question(self, endpoint: str, zone: str, about: str, **more: str) -> Question:
        params = {"region": zone, "signal_type": SIGNAL, **more}
        return Question(self.name, f"region {zone}, {about}", f"{self._url}/v3/{endpoint}", tuple(params.items()))

    def _login(self, web: Web) -> str:
        login = credential(USER, self.name), credential(PASSWORD, self.name)
        body = web.fetch(Question(self.name, "login", f"{self._url}/login"), headers={}, login=login)
        try:
            token = json.loads(body)["token"]
        except (ValueError, KeyError, TypeError):
            raise NetworkError(f"{self.name}, login: the answer holds no token") from None
        require_sendable(str(token), f"the token of {self.name}")
        return str(token)
