"""The metrics of one scenario, and their file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from planner.errors import InvalidInput
from planner.protocol.metrics.latency import Distribution

SCHEMA = "planner.protocol-metrics/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMetrics:
    """One service in one region over the window. None: the source does not say.

    Utilisations are shares of what an instance has, over its billable time; `statuses` counts answers by HTTP status or
    its class.
    """

    service: str
    region: str
    requests: int
    statuses: Mapping[str, int]
    latency_ms: Distribution | None
    cpu_utilisation: float | None
    memory_utilisation: float | None
    billable_instance_seconds: float
    bytes_sent: int
    bytes_received: int
    cold_starts: int | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """One run of a function. `time`: when it began, UTC by the experiment's clock; `latency_ms` is real time."""

    event_id: str
    function: str
    region: str
    time: str
    latency_ms: float
    attempt: str
    status: int


@dataclass(frozen=True, slots=True)
class HourOfRegion:
    """Requests to a function in a region that ended in one hour, and their mean latency."""

    function: str
    region: str
    hour: str
    requests: int
    mean_latency_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioMetrics:
    """All that is known of one scenario.

    `executions` are the committed ones, one an event id; `repeated` are further runs of the same invocations, whose
    energy counts though their results do not; `unfinished` are event ids seen but never committed. Where only
    monitoring was asked, `by_hour` takes the place of executions.
    """

    scenario: str
    experiment_id: str
    source: str
    start: str
    end: str
    services: tuple[ServiceMetrics, ...]
    executions: tuple[Execution, ...] = ()
    repeated: tuple[Execution, ...] = ()
    unfinished: tuple[str, ...] = ()
    by_hour: tuple[HourOfRegion, ...] = ()

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"schema": SCHEMA, **asdict(self)}


def load_metrics(path: Path) -> ScenarioMetrics:
    """A file of `planner protocol metrics`. InvalidInput: it is none."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise InvalidInput("/", f"no JSON ({error})", f"a document of schema {SCHEMA}", str(path)) from error
    found = document.get("schema") if isinstance(document, dict) else None
    if found != SCHEMA:
        raise InvalidInput("/schema", repr(found), f"{SCHEMA!r}, from `planner protocol metrics`", str(path))
    try:
        return _metrics(document)
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput("/", f"{type(error).__name__}: {error}", f"the fields of {SCHEMA}", str(path)) from error


def _metrics(document: dict[str, Any]) -> ScenarioMetrics:
    rows: dict[str, Any] = {
        "services": tuple(map(_service, document.pop("services"))),
        "executions": tuple(Execution(**row) for row in document.pop("executions")),
        "repeated": tuple(Execution(**row) for row in document.pop("repeated")),
        "unfinished": tuple(document.pop("unfinished")),
        "by_hour": tuple(HourOfRegion(**row) for row in document.pop("by_hour")),
    }
    del document["schema"]
    return ScenarioMetrics(**document, **rows)


def _service(row: dict[str, Any]) -> ServiceMetrics:
    latency = row.pop("latency_ms")
    return ServiceMetrics(**row, latency_ms=Distribution.from_document(latency) if latency else None)
