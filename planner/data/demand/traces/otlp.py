"""OpenTelemetry spans in OTLP JSON: as the collector's file exporter writes them, a line an export, or one document."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import HIGHEST_TIME, since
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.entries import Entry, child, children, flat_rows
from planner.data.demand.traces.once import Once
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows

SOURCE = Source("OpenTelemetry spans", "own data")
COLUMNS = ("service", "kind", "startTimeUnixNano", "endTimeUnixNano", "id")
ENTERING = (2, 5, "SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER")  # the spans of a request that comes in
EARLIEST_NANOSECONDS = 1e17  # 1973


def otlp(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A request a span of kind SERVER or CONSUMER; the workload is the service, of which the mean latency is noted.

    Spans inside a request, and those with a span id seen before, are counted, not taken.
    """
    once = Once()
    chunks = (_arrivals(rows, once, options) for path in files for rows in flat_rows(path, _flat, COLUMNS))
    return counted(chunks, options, SOURCE)


def _flat(entry: Entry) -> Iterator[Entry]:
    for of_resource in children(entry, "resourceSpans"):
        service = _service(of_resource)
        for of_scope in children(of_resource, "scopeSpans"):
            for span in children(of_scope, "spans"):
                times = {name: child(span, name) for name in COLUMNS[2:4]}
                identity = f"{child(span, 'traceId')}/{child(span, 'spanId')}" if child(span, "spanId") else None
                yield {"service": service, "kind": child(span, "kind"), **times, "id": identity}


def _service(of_resource: Entry) -> str | None:
    attributes = children(of_resource, "resource", "attributes")
    named = (child(a, "value", "stringValue") for a in attributes if child(a, "key") == "service.name")
    return next(named, None)


def _arrivals(rows: Rows, once: Once, options: TraceOptions) -> Arrivals:
    requests = rows.where(rows.frame["kind"].isin(ENTERING).to_numpy())
    kept = requests.where(once.new(requests, "id"))
    repairs = {
        "spans inside a request, left out": len(rows) - len(requests),
        "spans seen before, left out": len(requests) - len(kept),
    }
    begin, end = (kept.numbers(name, highest=HIGHEST_TIME) for name in COLUMNS[2:4])
    kept.refuse(COLUMNS[2], begin < EARLIEST_NANOSECONDS, "nanoseconds since 1970")
    kept.refuse(COLUMNS[3], end < begin, "an end after the start")
    seconds = since(kept, COLUMNS[2], options, unit="ns")
    return Arrivals(kept.text("service"), seconds, np.ones(len(kept)), {"latency in ms": (end - begin) / 1e6}, repairs)
