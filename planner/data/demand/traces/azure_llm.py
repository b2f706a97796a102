"""Azure LLM inference traces of 2023 and 2024: TIMESTAMP, ContextTokens, GeneratedTokens, a file a service.

Also an extract of them with the columns service, t_s, context_tokens, generated_tokens.
Source: Azure/AzurePublicDataset, CC-BY-4.0.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import instants, repeated
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import header, read_rows

SOURCE = Source("Azure LLM inference trace", "CC-BY-4.0")
PUBLISHED = ("TIMESTAMP", "ContextTokens", "GeneratedTokens")
EXTRACT = ("t_s", "context_tokens", "generated_tokens", "service")
SERVICES = ("code", "conv")


def azure_llm(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A request a row; the workload is the service, of which the mean tokens of a request are noted."""
    return counted(_arrivals(files, options), options, SOURCE)


def _arrivals(files: Sequence[Path], options: TraceOptions) -> Iterator[Arrivals]:
    for path in files:
        columns = EXTRACT if "t_s" in header(path) else PUBLISHED
        time, context, generated = columns[:3]
        for rows in read_rows(path, columns):
            service = rows.text("service") if "service" in rows else np.full(len(rows), _service(path), dtype=object)
            measured = {"context tokens": rows.numbers(context), "generated tokens": rows.numbers(generated)}
            seconds = instants(rows, time, options)
            yield Arrivals(service, seconds, np.ones(len(rows)), measured, repeated(rows, time, options))


def _service(path: Path) -> str:
    """A published file says in its name what it is of."""
    return next((name for name in SERVICES if name in path.name.lower()), "llm")
