"""Demand series as CSV: `time` and a column a workload, or a row a job; lines that begin with # tell the source."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from planner.data.carbon.series import Times, iso
from planner.data.demand.series import DemandSeries, TraceJobs
from planner.data.demand.traces.clock import instants
from planner.data.demand.traces.counting import step_times
from planner.data.demand.traces.files import opened
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows, header, read_rows
from planner.domain.instance import Floats, Ints
from planner.errors import InvalidInput

OF_JOBS = ("workload", "arrival", "deadline", "length_s", "width")
MOST_MARKED = 1000
AS_WRITTEN = TraceOptions()


def demand_csv(series: DemandSeries) -> str:
    """The text of a file: jobs where the series has any, else counts."""
    text = io.StringIO(newline="")
    about = {"source": series.source, "licence": series.licence, "step_minutes": series.step_minutes}
    for key, value in (*about.items(), *(("note", note) for note in series.notes)):
        text.write(f"# {key}: {value}\n")
    rows = _count_rows(series) if series.jobs is None else _job_rows(series.jobs, series.workloads)
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _count_rows(series: DemandSeries) -> Iterator[Sequence[object]]:
    yield ("time", *series.workloads)
    for time, row in zip(series.times, series.requests.T.tolist(), strict=True):
        yield (iso(time), *row)


def _job_rows(jobs: TraceJobs, workloads: Sequence[str]) -> Iterator[Sequence[object]]:
    yield OF_JOBS
    arrival, deadline = (np.datetime_as_string(times, unit="s").tolist() for times in (jobs.arrival, jobs.deadline))
    figures = zip(jobs.workload.tolist(), arrival, deadline, jobs.seconds.tolist(), jobs.width.tolist(), strict=True)
    for of, begin, end, seconds, width in figures:
        yield workloads[of], f"{begin}Z", f"{end}Z", f"{seconds:.12g}", f"{width:.12g}"


def read_demand(path: Path) -> DemandSeries:
    """The series in a file. InvalidInput: what is wrong with it, by line."""
    marked = _marked_lines(path)
    about = dict(pair for pair in marked if pair[0] != "note")
    first = header(path, skip=len(marked))
    try:
        held = _jobs(path, len(marked), _step(about) or 60) if "arrival" in first else _counts(path, first, len(marked))
        source, licence = about.get("source", "own data"), about.get("licence", "not told")
        notes = tuple(value for key, value in marked if key == "note")
        step = _step(about) or _distance(held.times)
        return DemandSeries(held.workloads, held.times, step, held.requests, source, licence, held.jobs, notes)
    except InvalidInput as error:
        raise error.in_file(str(path)) from error.__cause__


class Held(NamedTuple):
    """What a table holds."""

    workloads: tuple[str, ...]
    times: Times
    requests: Ints
    jobs: TraceJobs | None = None


def _counts(path: Path, first: Sequence[str], skip: int) -> Held:
    names = [name for name in first if name != "time"]
    if not names:
        raise InvalidInput("header", "no workload", "the columns time and one for every workload")
    parts = list(read_rows(path, ["time", *names], skip=skip))
    times = _whole_seconds(np.concatenate([instants(rows, "time", AS_WRITTEN) for rows in parts]))
    return Held(tuple(names), times, np.concatenate([[_whole(rows, name) for name in names] for rows in parts], axis=1))


def _jobs(path: Path, skip: int, step_minutes: int) -> Held:
    parts = list(read_rows(path, OF_JOBS, skip=skip))
    names, of = np.unique(np.concatenate([rows.text("workload") for rows in parts]).astype(str), return_inverse=True)
    arrival, deadline, seconds, width = map(np.concatenate, zip(*map(_job_columns, parts), strict=True))
    order = np.argsort(arrival, kind="stable")
    jobs = TraceJobs(of, _whole_seconds(arrival), _whole_seconds(deadline), seconds, width).take(order)
    options = TraceOptions(step_minutes=step_minutes)
    ends = np.floor_divide(arrival[order[[0, -1]]], options.step_seconds).astype(np.int64)
    times = step_times(ends.tolist(), options)
    return Held(tuple(names.tolist()), times, np.zeros((len(names), len(times)), dtype=np.int64), jobs)


def _job_columns(rows: Rows) -> tuple[Floats, Floats, Floats, Floats]:
    arrival, deadline = (instants(rows, name, AS_WRITTEN) for name in ("arrival", "deadline"))
    rows.refuse("deadline", deadline < arrival, "a time after the arrival")
    seconds, width = (rows.numbers(name) for name in ("length_s", "width"))
    rows.refuse("length_s", seconds == 0, "more than 0")
    rows.refuse("width", width == 0, "more than 0")
    return arrival, deadline, seconds, width


def _whole(rows: Rows, name: str) -> Ints:
    values = rows.numbers(name)
    rows.refuse(name, values % 1 != 0, "a whole number of requests")
    return values.astype(np.int64)


def _whole_seconds(values: Floats) -> Times:
    return values.astype(np.int64).astype("datetime64[s]")


def _distance(times: Times) -> int:
    """Minutes between the first two times, of a file that does not say its step."""
    if len(times) < 2:
        raise InvalidInput("table", "one row", "two or more, or a line '# step_minutes: 60' at the top")
    return max(int((times[1] - times[0]) / np.timedelta64(1, "m")), 1)


def _step(about: dict[str, str]) -> int | None:
    found = about.get("step_minutes")
    if found is not None and not (found.isdecimal() and int(found) > 0):
        raise InvalidInput("line '# step_minutes'", f"'{found}'", "a whole number of minutes")
    return None if found is None else int(found)


def _marked_lines(path: Path) -> list[tuple[str, str]]:
    """Keys and values of the lines at the top that begin with #."""
    with opened(path) as file:
        pairs = [line.decode("utf-8-sig").lstrip("# ").rstrip().partition(": ") for line in _marked(file)]
    return [(key, value) for key, _, value in pairs]


def _marked(file: Iterable[bytes]) -> Iterator[bytes]:
    for _, line in zip(range(MOST_MARKED), file, strict=False):
        if not line.removeprefix(b"\xef\xbb\xbf").startswith(b"#"):
            return
        yield line
