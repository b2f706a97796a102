"""The metrics of a scenario from request logs: those of the functions, the dispatcher and the runner."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from planner.errors import InvalidInput, UsageError
from planner.io.clock import format_utc, parse_utc
from planner.protocol.log import RequestLine, read_lines
from planner.protocol.metrics.billable import billable_seconds
from planner.protocol.metrics.latency import Distribution
from planner.protocol.metrics.scenario import Execution, ScenarioMetrics, ServiceMetrics
from planner.protocol.metrics.services import Service

RUNNER, DISPATCHER = "runner", "dispatcher"
MEMORY_MB = 2048.0  # of an instance (planner.data.faas.HARDWARE), beside one vCPU
TURNED_AWAY = 503

FIELDS = tuple(field.name for field in fields(RequestLine))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What of the logs counts: [start, end) by the experiment's clock, one experiment, some services. None: all."""

    start: datetime | None = None
    end: datetime | None = None
    experiment_id: str | None = None
    services: tuple[Service, ...] = ()


@dataclass(frozen=True, slots=True)
class _Log:
    """Requests to functions and dispatcher in the window, and every event id and experiment that any line names."""

    requests: list[RequestLine]
    events: set[str]
    experiments: set[str]


def metrics_of_logs(paths: Iterable[Path], scenario: str, window: Window) -> ScenarioMetrics:
    """All metrics of one scenario. InvalidInput: no log, or nothing of it there; UsageError: several experiments."""
    log = _read(paths, scenario, window)
    if not log.requests:
        raise InvalidInput("scenario", f"no request of scenario {scenario}", "at least one in the window", "the logs")
    if len(log.experiments) > 1:
        raise UsageError(f"the logs hold several experiments, {', '.join(sorted(log.experiments))}: name one")
    times = [_moment(line) for line in log.requests]
    committed, repeated = _sorted_out(line for line in log.requests if line.service != DISPATCHER)
    return ScenarioMetrics(
        scenario=scenario,
        experiment_id=log.experiments.pop(),
        source="request logs",
        start=format_utc(window.start or min(times)),
        end=format_utc(window.end or max(times)),
        services=tuple(_services(log.requests)),
        executions=committed,
        repeated=repeated,
        unfinished=tuple(sorted(log.events - {execution.event_id for execution in committed} - {""})),
    )


def _read(paths: Iterable[Path], scenario: str, window: Window) -> _Log:
    log = _Log([], set(), set())
    for path in paths:
        try:
            for row in read_lines(path):
                if row.get("scenario") == scenario and window.experiment_id in (None, row["experiment_id"]):
                    _take(log, row, window)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(
                "line", f"{type(error).__name__}: {error}", "a JSON line a request", str(path)
            ) from error
    return log


def _take(log: _Log, row: Mapping[str, Any], window: Window) -> None:
    log.experiments.add(str(row["experiment_id"]))
    # The runner's lines and the dispatcher's events are no requests, but what they name must have been executed.
    request = _request(row) if row.get("service", RUNNER) != RUNNER and "status" in row else None
    if request and not _counts(request, window):
        return
    log.events.add(str(row["event_id"]))
    if request:
        log.requests.append(request)


def _request(row: Mapping[str, Any]) -> RequestLine:
    given = {name: row[name] for name in FIELDS if name in row}
    return RequestLine(**{**given, "status": int(row["status"]), "latency_ms": float(row["latency_ms"])})


def _counts(line: RequestLine, window: Window) -> bool:
    moment, name = _moment(line), _name(line)
    inside = (window.start is None or moment >= window.start) and (window.end is None or moment < window.end)
    return inside and (not window.services or any(s.covers(name, line.region) for s in window.services))


def _name(line: RequestLine) -> str:
    """Of its Cloud Run service: the dispatcher's, or that of the function."""
    return line.service if line.service == DISPATCHER else line.function


def _moment(line: RequestLine) -> datetime:
    return parse_utc(line.time, "time")


def _sorted_out(runs: Iterable[RequestLine]) -> tuple[tuple[Execution, ...], tuple[Execution, ...]]:
    """Committed and repeated executions, in order of time.

    Of the successes of one event the last is committed: an earlier one was repeated because its answer was lost.
    """
    ran = sorted((_execution(line) for line in runs if _used_the_processor(line.status)), key=lambda e: e.time)
    last = {execution.event_id: n for n, execution in enumerate(ran) if execution.status < 300}
    chosen = set(last.values())
    committed = tuple(execution for n, execution in enumerate(ran) if n in chosen)
    return committed, tuple(execution for n, execution in enumerate(ran) if n not in chosen)


def _used_the_processor(status: int) -> bool:
    """Done, or failed midway; what was refused (4xx) or turned away (503) has not begun."""
    return status < 300 or (status >= 500 and status != TURNED_AWAY)


def _execution(line: RequestLine) -> Execution:
    return Execution(
        event_id=line.event_id,
        function=line.function,
        region=line.region,
        time=format_utc(_moment(line)),
        latency_ms=line.latency_ms,
        attempt=str(line.attempt),
        status=line.status,
    )


def _services(lines: Iterable[RequestLine]) -> Iterator[ServiceMetrics]:
    by_service: defaultdict[tuple[str, str], list[RequestLine]] = defaultdict(list)
    for line in lines:
        by_service[_name(line), line.region].append(line)
    for (name, region), mine in sorted(by_service.items()):
        yield _service(name, region, mine)


def _service(name: str, region: str, lines: Sequence[RequestLine]) -> ServiceMetrics:
    """One service as one instance: a region serves few requests at a time (protocol 1)."""
    latency, cpu, memory = (
        np.array([getattr(line, field) for line in lines], dtype=np.float64)
        for field in ("latency_ms", "cpu_ms", "rss_mb")
    )
    billable = billable_seconds(np.array([_moment(line).timestamp() for line in lines]), latency)
    return ServiceMetrics(
        service=name,
        region=region,
        requests=len(lines),
        statuses=dict(sorted(Counter(str(line.status) for line in lines).items())),
        latency_ms=Distribution.of(latency),
        cpu_utilisation=float(cpu.sum()) / 1000 / billable if billable else None,
        memory_utilisation=float(memory.mean()) / MEMORY_MB,
        billable_instance_seconds=billable,
        bytes_sent=sum(int(line.bytes_out) for line in lines),
        bytes_received=sum(int(line.bytes_in) for line in lines),
        cold_starts=sum(bool(line.cold) for line in lines),
    )
