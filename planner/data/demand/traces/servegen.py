"""ServeGen: rates of production LLM services in windows of ten minutes.

Read are the published `data/CATEGORY/MODEL/chunk-*-trace.csv`, one client each, without a header (start of the window,
rate per second, coefficient of variation, distribution and its two parameters), and sums of them by service with the
columns workload, t_s, requests_per_s. Source: github.com/alibaba/ServeGen, Apache-2.0.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import since
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.spacing import each_once, whole_windows
from planner.data.demand.traces.tables import header, read_rows

SOURCE = Source("ServeGen", "Apache-2.0")
SUMS = ("workload", "t_s", "requests_per_s")
CLIENT = ("t_s", "requests_per_s", "variation", "distribution", "shape", "scale")
WINDOW_MINUTES = 10


def servegen(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """Rates times ten minutes, their sums kept. InvalidInput: a window twice; UsageError: steps that cut windows."""
    whole_windows(options, WINDOW_MINUTES)
    return counted(_arrivals(files, options), options, SOURCE)


def _arrivals(files: Sequence[Path], options: TraceOptions) -> Iterator[Arrivals]:
    for path in files:
        summed = "workload" in header(path)
        layout = SUMS if summed else CLIENT
        for rows in each_once(read_rows(path, layout[:3], names=() if summed else layout), "t_s", also="workload"):
            service = rows.text("workload") if summed else np.full(len(rows), path.parent.name, dtype=object)
            count = rows.numbers("requests_per_s") * WINDOW_MINUTES * 60
            yield Arrivals(service, since(rows, "t_s", options), count)
