"""Request logs of scenarios that never ran: every invocation of a trace, executed where and when a test says."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from planner.protocol.log import LineLog, RequestLine
from planner.protocol.trace import Invocation, trace

START = datetime(2026, 6, 1, tzinfo=UTC)
MEAN_MS = {
    "api-health-check": 20.0,
    "crypto-key-gen": 900.0,
    "image-format-converter": 150.0,
    "video-transcoder": 4000.0,
}
Choice = Callable[[Invocation], tuple[str, datetime]]  # region and start of the execution


def line(call: Invocation, scenario: str, region: str, at: datetime, **other: Any) -> RequestLine:
    """What a function writes of one invocation; the latency differs a little from one to the next."""
    jitter = 0.9 + 0.2 * sha256(f"{call.event_id} {scenario}".encode()).digest()[0] / 255
    fields = {
        "latency_ms": round(MEAN_MS[call.function] * jitter, 3),
        "cpu_ms": MEAN_MS[call.function] / 2,
        "rss_mb": 256.0,
        "bytes_in": 100,
        "bytes_out": 50,
        "status": 200,
        "attempt": "1",
    }
    return RequestLine(
        time=f"{at:%Y-%m-%dT%H:%M:%S}Z",
        service="functions",
        region=region,
        function=call.function,
        experiment_id="test",
        scenario=scenario,
        event_id=call.event_id,
        trace_hour=f"{call.trace_hour:%Y-%m-%dT%H:%M:%SZ}",
        **{**fields, **other},
    )


def write(path: Path, lines: Iterable[RequestLine]) -> Path:
    """A log file."""
    log = LineLog(path)
    for each in lines:
        log.write(each)
    log.close()
    return path


def scenario_log(path: Path, scenario: str, choice: Choice, *, days: int = 1) -> Path:
    """A log in which every invocation of the trace is executed once."""
    return write(path, (line(call, scenario, *choice(call)) for call in trace(START, days)))


def at_once_in(region: str) -> Choice:
    """Scenario A."""
    return lambda call: (region, call.at + timedelta(seconds=1))


def rows(path: Path) -> list[dict[str, Any]]:
    """The lines of a log."""
    return [json.loads(text) for text in path.read_text().splitlines()]
