"""The one interface to services that publish carbon intensities, and the client that is the same for all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar, Protocol

from planner.data.carbon.handling import Handling
from planner.data.carbon.live.question import Question
from planner.data.carbon.live.spans import Span, piece, spans, whole
from planner.data.carbon.live.web import Web
from planner.data.carbon.readings import Readings
from planner.data.carbon.series import Series
from planner.errors import InvalidInput

SETTLED = timedelta(days=3)  # what is younger may still be estimated, or come in


class Service(Protocol):
    """Carbon intensities of a zone. Errors are those of `Web.ask`; InvalidInput: not what was asked for comes back."""

    def history(self, zone: str, start: datetime, end: datetime) -> Series:
        """The periods that begin in [start, end), UTC, without a hole."""
        ...

    def forecast(self, zone: str) -> Series:
        """What the service foretells now, as far as it does."""
        ...


class Api(Protocol):
    """In what services differ: what they are asked, how they know who asks, and what their answers mean.

    `longest` is the longest span that they answer at once.
    """

    name: ClassVar[str]
    longest: ClassVar[timedelta]

    def history(self, zone: str, span: Span) -> Question:
        """A question for the periods of a span."""
        ...

    def forecast(self, zone: str, now: datetime) -> Question:
        """A question for the newest forecast."""
        ...

    def headers(self, web: Web) -> Mapping[str, str]:
        """The credentials. NetworkError: there are none, or they are refused."""
        ...

    def read(self, text: str, handling: Handling, *, forecast: bool) -> list[Readings]:
        """The rows of an answer. InvalidInput."""
        ...


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class Client:
    """A Service through its interface. `handling` says how to repair what comes; every repair is told to the log."""

    def __init__(self, api: Api, web: Web, handling: Handling, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._api, self._web, self._handling, self._clock = api, web, handling, clock

    def history(self, zone: str, start: datetime, end: datetime) -> Series:
        """See Service."""
        handling = replace(self._handling, start=start, end=end)
        return whole([self._piece(zone, span, handling) for span in spans(start, end, self._api.longest)], handling)

    def forecast(self, zone: str) -> Series:
        """See Service."""
        question = self._api.forecast(zone, self._clock())
        told = self._ask(question, partial(self._rows, zone=zone, forecast=True), newest=True)
        return whole([told], self._handling)

    def _piece(self, zone: str, span: Span, handling: Handling) -> Readings:
        def read(body: bytes) -> Readings:
            return piece(self._rows(body, zone=zone, forecast=False), handling, span)

        settled = span[1] <= self._clock() - SETTLED
        return self._ask(self._api.history(zone, span), read, newest=not settled)

    def _ask(self, question: Question, read: Callable[[bytes], Readings], *, newest: bool) -> Readings:
        try:
            return self._web.ask(question, read, headers=partial(self._api.headers, self._web), newest=newest)
        except InvalidInput as error:
            raise error.in_file(str(question)) from error.__cause__

    def _rows(self, body: bytes, *, zone: str, forecast: bool) -> Readings:
        """The rows of the zone that was asked for: services may answer for another, such as the caller's own."""
        answered = self._api.read(
            body.decode("utf-8", "replace"), replace(self._handling, zone=None), forecast=forecast
        )
        found = next((readings for readings in answered if readings.zone == zone), None)
        if found is None:
            raise InvalidInput("zone", ", ".join(f"'{r.zone}'" for r in answered), f"'{zone}', which was asked for")
        return found
