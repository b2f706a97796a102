"""Jobs as plain CSV: `arrival_time,length,cpus`, as the traces of GAIA have it (seconds, or ISO 8601 arrivals)."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import HIGHEST_TIME, instants, repeated
from planner.data.demand.traces.counting import Source
from planner.data.demand.traces.options import PER_SECOND, TraceOptions
from planner.data.demand.traces.tables import read_rows
from planner.data.demand.traces.tasks import LONGEST_SECONDS, Tasks, jobs_of

SOURCE = Source("a plain table of jobs", "as its owner says")
COLUMNS = ("arrival_time", "length", "cpus")


def plain(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """Every row a job; nothing is left out. InvalidInput for the first cell that does not belong."""
    return jobs_of(_tasks(files, options), options, SOURCE, unit="CPU")


def _tasks(files: Sequence[Path], options: TraceOptions) -> Iterator[Tasks]:
    for path in files:
        for rows in read_rows(path, COLUMNS):
            seconds = rows.numbers("length", highest=HIGHEST_TIME) / PER_SECOND[options.unit]
            rows.refuse("length", seconds > LONGEST_SECONDS, "a length of at most 20 years")
            width = rows.numbers("cpus")
            rows.refuse("cpus", width == 0, "more than 0")
            arrival = instants(rows, "arrival_time", options)
            yield Tasks(arrival, seconds, width, repairs=repeated(rows, "arrival_time", options))
