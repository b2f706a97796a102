"""Structured logs: one JSON line a request, on stdout in the cloud and in a file locally."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any

VARIABLE = "PLANNER_LOG"  # a file to append to; stdout where it is not set
CORRELATION = {
    "event_id": "X-Event-Id",
    "experiment_id": "X-Experiment-Id",
    "scenario": "X-Scenario",
    "trace_hour": "X-Trace-Hour",
    "attempt": "X-Attempt",
}  # field of a line: the header that carries it (protocol 7.1)
LONGEST = 200  # characters kept of a field that a client wrote


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """One request to a service. `time` is when it began by the clock, UTC; `latency_ms` and `cpu_ms` are real time."""

    time: str
    service: str
    region: str
    function: str
    experiment_id: str = ""
    scenario: str = ""
    event_id: str = ""
    trace_hour: str = ""
    attempt: str = ""
    status: int
    latency_ms: float
    cpu_ms: float = 0.0
    rss_mb: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    cold: bool = False


class LineLog:
    """Appends JSON lines to a file, or to stdout where `path` is None; one process writes a file at a time."""

    def __init__(self, path: str | Path | None = None) -> None:
        self._file = Path(path).open("ab", buffering=0) if path else None  # noqa: SIM115 - as long as the log

    def write(self, line: RequestLine | Mapping[str, Any]) -> None:
        """Append one line, whole or not at all. OSError: it could not be written."""
        record = asdict(line) if isinstance(line, RequestLine) else dict(line)
        text = json.dumps(record, separators=(",", ":")) + "\n"
        if self._file:
            _append(self._file, text.encode())
        else:
            sys.stdout.write(text)
            sys.stdout.flush()

    def close(self) -> None:
        """Close the file; stdout stays open."""
        if self._file:
            self._file.close()


def _append(file: FileIO, data: bytes) -> None:
    # Unbuffered: what a full disk refused must not be written later, after the request was refused too.
    before = os.fstat(file.fileno()).st_size
    try:
        while data:  # a full disk takes a part first, and refuses the rest
            data = data[file.write(data) :]
    except OSError:
        with suppress(OSError):
            file.truncate(before)
        raise


def correlation(headers: Mapping[str, str]) -> dict[str, str]:
    """The fields of a line that a request's headers carry, cut to a sane length."""
    return {field: headers.get(header, "")[:LONGEST] for field, header in CORRELATION.items()}


def read_lines(path: str | Path) -> Iterator[dict[str, Any]]:
    """The lines of a log; one torn by a crash, at the end, is left out."""
    with Path(path).open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield json.loads(line)
