"""Request logs of Cloud Run: JSON lines of a log sink, or the array that `gcloud logging read --format=json` prints."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import instants
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.entries import Entry, child, flat_rows
from planner.data.demand.traces.once import Once
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows
from planner.domain.instance import Floats

SOURCE = Source("request logs of Cloud Run", "own data")
COLUMNS = ("service", "timestamp", "latency", "id", "request")


def cloud_run(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A request an entry with `httpRequest`; the workload is the service, of which the mean latency is noted.

    Other entries, and those with an insertId seen before, are counted, not taken.
    """
    once = Once()
    chunks = (_arrivals(rows, once, options) for path in files for rows in flat_rows(path, _flat, COLUMNS))
    return counted(chunks, options, SOURCE)


def _flat(entry: Entry) -> Iterator[Entry]:
    yield {
        "service": child(entry, "resource", "labels", "service_name"),
        "timestamp": child(entry, "timestamp"),
        "latency": child(entry, "httpRequest", "latency"),
        "id": child(entry, "insertId"),
        "request": isinstance(child(entry, "httpRequest"), dict),
    }


def _arrivals(rows: Rows, once: Once, options: TraceOptions) -> Arrivals:
    requests = rows.where(rows.frame["request"].to_numpy(dtype=bool))
    kept = requests.where(once.new(requests, "id"))
    repairs = {
        "entries that are no request, left out": len(rows) - len(requests),
        "entries seen before, left out": len(requests) - len(kept),
    }
    measured = {"latency in ms": _latency_ms(kept)}
    return Arrivals(kept.text("service"), instants(kept, "timestamp", options), np.ones(len(kept)), measured, repairs)


def _latency_ms(rows: Rows) -> Floats:
    """(n,) of "0.123s"; NaN where an entry tells none."""
    given = rows.frame["latency"]
    seconds = pd.to_numeric(given.astype(str).str.removesuffix("s"), errors="coerce").to_numpy(dtype=np.float64)
    rows.refuse("latency", given.notna().to_numpy() & ~(seconds >= 0), "seconds such as '0.123s'")
    return seconds * 1e3
