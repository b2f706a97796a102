"""What several commands of the protocol are told in the same words."""

from datetime import UTC
from typing import TYPE_CHECKING

from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.protocol.routes import Hours


def region_urls(given: list[str]) -> dict[str, str]:
    """NAME=URL of every --region. UsageError: another form."""
    named = [text.partition("=") for text in given]
    for name, _, url in named:
        if not name or not url.startswith(("http://", "https://")):
            raise UsageError(f"--region is NAME=URL such as europe-west1=http://127.0.0.1:9001, not {name}={url}")
    return {name: url for name, _, url in named}


def hours_from(text: str, count: int, option: str) -> "Hours":
    """Hours of the trace from a time on. UsageError: it is no full hour."""
    from planner.io.clock import parse_utc
    from planner.protocol.routes import Hours
    from planner.protocol.runner import full_hour

    first = parse_utc(text, option).astimezone(UTC)
    if first != full_hour(first):
        raise UsageError(f"{option} must be a full hour such as 2026-06-01T00:00Z, not {text}")
    return Hours(first, count)
