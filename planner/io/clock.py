"""UTC times as they stand in files."""

from datetime import UTC, datetime, timedelta

from planner.errors import InvalidInput
from planner.io.pointer import describe

YEARS = range(1900, 2201)


def parse_utc(text: object, where: str) -> datetime:
    """An ISO 8601 time that says it is UTC. InvalidInput for a local time or one without a zone."""
    expected = "an ISO 8601 time in UTC such as 2026-01-01T00:00:00Z"
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError as error:
        raise InvalidInput(where, describe(text), expected) from error
    if time is None:
        raise InvalidInput(where, describe(text), expected)
    if time.year not in YEARS:
        raise InvalidInput(where, describe(text), f"{expected}, in a year from {YEARS[0]} to {YEARS[-1]}")
    if time.utcoffset() is None:
        raise InvalidInput(where, f"{text!r}, a time without a zone", f"{expected} (add Z if it is UTC)")
    if time.utcoffset() != timedelta(0):
        utc = format_utc(time.astimezone(UTC))
        raise InvalidInput(where, f"{text!r}, which is not UTC", f"{expected} (this one is {utc})")
    return time.astimezone(UTC)


def format_utc(time: datetime) -> str:
    """ISO 8601 with a Z; the time must carry a zone."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
