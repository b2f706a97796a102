"""Batch jobs already counted by the hour: columns trace, hour_index, jobs, cpu_hours.

Such is the Azure VM trace of GAIA by the hour of a year (CC-BY-4.0). Hour 0 is the options' epoch.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import UNIX
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.spacing import each_once, whole_windows
from planner.data.demand.traces.tables import read_rows

SOURCE = Source("batch jobs by the hour", "as its owner says")
LATEST_HOUR = 24 * 366 * 100
COLUMNS = ("trace", "hour_index", "jobs", "cpu_hours")


def jobs_hourly(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A request a job, or one a CPU-hour where `options.jobs_as` is "unit-hours". InvalidInput: an hour twice."""
    whole_windows(options, 60)
    return counted(_arrivals(files, options), options, SOURCE)


def _arrivals(files: Sequence[Path], options: TraceOptions) -> Iterator[Arrivals]:
    counts = "cpu_hours" if options.jobs_as == "unit-hours" else "jobs"
    for path in files:
        for rows in each_once(read_rows(path, COLUMNS), "hour_index", also="trace"):
            seconds = (options.epoch or UNIX).timestamp() + rows.numbers("hour_index", highest=LATEST_HOUR) * 3600
            yield Arrivals(rows.text("trace"), seconds, rows.numbers(counts))
