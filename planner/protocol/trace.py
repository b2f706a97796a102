"""The workload trace: the same invocations for every scenario, hour after hour, from a fixed schedule (protocol 4)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from planner.data.faas import FUNCTIONS
from planner.errors import UsageError

HOUR = timedelta(hours=1)
JITTER_SECONDS = 30  # half a minute slot: invocations of neighbouring slots keep their order

IMAGE, VIDEO = "<IMAGE_URI>", "<VIDEO_URI>"  # the runner puts the data set's URIs here
PAYLOADS: Mapping[str, Mapping[str, Any]] = {
    "api-health-check": {"check": "ping"},
    "crypto-key-gen": {"bits": 4096},
    "image-format-converter": {"gcs_uri": IMAGE, "format": "WEBP", "quality": 85},
    "video-transcoder": {"gcs_uri": VIDEO, "passes": 4},
}  # protocol 3.3


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call: `at` is its second, `deadline` the end of the last hour in which its function may run."""

    event_id: str
    function: str
    trace_hour: datetime
    at: datetime
    deadline: datetime

    @property
    def payload(self) -> Mapping[str, Any]:
        """The standard payload of its function."""
        return PAYLOADS[self.function]

    def row(self) -> dict[str, Any]:
        """As a line of a trace file."""
        moments = {name: _stamp(getattr(self, name)) for name in ("trace_hour", "at", "deadline")}
        return {"event_id": self.event_id, "function": self.function, **moments, "payload": dict(self.payload)}


def hourly(hour: datetime) -> list[Invocation]:
    """The invocations of one hour (its start, UTC) in order of time."""
    calls = [
        _invocation(hour, name, number, per_hour, slack)
        for name, (per_hour, slack, *_) in FUNCTIONS.items()
        for number in range(per_hour)
    ]
    return sorted(calls, key=lambda call: (call.at, call.event_id))


def trace(start: datetime, days: int) -> Iterator[Invocation]:
    """Every invocation of `days` days from `start`, a full hour in UTC. UsageError: it is not, or days < 1."""
    if days < 1:
        raise UsageError(f"--days must be at least 1, not {days}")
    if start.tzinfo is None or start != start.astimezone(UTC).replace(minute=0, second=0, microsecond=0):
        raise UsageError(f"--start must be a full hour in UTC such as 2026-06-01T00:00Z, not {start.isoformat()}")
    for number in range(24 * days):
        yield from hourly(start.astimezone(UTC) + number * HOUR)


def lines(calls: Iterator[Invocation] | list[Invocation]) -> Iterator[str]:
    """A trace as JSON lines: the same bytes wherever it is made."""
    for call in calls:
        yield json.dumps(call.row(), sort_keys=True, separators=(",", ":")) + "\n"


def trace_sha256(start: datetime, days: int) -> str:
    """What A, B and C print to show that their traces are the same."""
    digest = hashlib.sha256()
    for line in lines(trace(start, days)):
        digest.update(line.encode())
    return digest.hexdigest()


def _invocation(hour: datetime, function: str, number: int, per_hour: int, slack: int) -> Invocation:
    event_id = f"{hour:%Y%m%dT%H}-{function}-{number:02d}"
    return Invocation(
        event_id=event_id,
        function=function,
        trace_hour=hour,
        at=hour + timedelta(minutes=_slot(number, per_hour), seconds=_jitter(event_id)),
        deadline=hour + (1 + slack) * HOUR,
    )


def _slot(number: int, per_hour: int) -> int:
    """The minute: an hour in `per_hour` equal parts, each call in the middle of its own."""
    return (2 * number + 1) * 30 // per_hour


def _jitter(event_id: str) -> int:
    """Seconds, from a stable hash of the invocation's identity."""
    return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:8]) % JITTER_SECONDS


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
