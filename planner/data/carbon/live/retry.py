"""Patience with a service: what is worth asking again, and when."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from planner.errors import NetworkError

if TYPE_CHECKING:
    from tenacity import RetryCallState

ATTEMPTS = 5
LONGEST_S = 120.0  # a service that asks for more is told of, not waited for
Answer = TypeVar("Answer")


class Busy(NetworkError):
    """The service may answer later: `after` says in how many seconds, None where it does not."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


def patiently(ask: Callable[[], Answer], *, sleep: Callable[[float], None]) -> Answer:
    """What `ask` returns, asked again while it raises Busy; in the end its last Busy, which is a NetworkError."""
    from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=_pause,
        retry=retry_if_exception_type(Busy),
        sleep=sleep,
        reraise=True,
    )
    return retrying(ask)


def _pause(state: "RetryCallState") -> float:
    """What the service asks for; else half a second at first, and twice as long each time."""
    from tenacity import wait_exponential, wait_random

    told = state.outcome.exception() if state.outcome else None
    if isinstance(told, Busy) and told.after is not None:
        return told.after
    return wait_exponential(multiplier=0.5, max=30)(state) + wait_random(0, 0.5)(state)


def retry_after(header: str | None, who: str) -> float | None:
    """Seconds that a Retry-After header asks for, as a number or a date; None: it says nothing that can be read.

    NetworkError: it asks for more than LONGEST_S.
    """
    seconds = _seconds(header or "")
    if seconds is not None and seconds > LONGEST_S:
        raise NetworkError(f"{who}: too many requests; the service asks to come back in {seconds:.0f} s")
    return seconds


def _seconds(header: str) -> float | None:
    try:
        if header.strip().isdecimal():
            return float(header)
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # TypeError: a date without a zone
        return None
