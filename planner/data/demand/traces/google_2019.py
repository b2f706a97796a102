"""Google ClusterData 2019, table instance_events: JSON lines as published, or CSV of a query on it.

Read are time (microseconds; 600 s are 2019-05-01 00:00 in California; 0: before the trace, 2^63 - 1: after it), type
(0 SUBMIT, 3 SCHEDULE, 4 to 8 an end), collection_id, instance_index, collection_type (0: a job) and
resource_request.cpus, a share of the largest machine. Source: github.com/google/cluster-data, CC-BY-4.0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import HIGHEST_TIME
from planner.data.demand.traces.counting import Source
from planner.data.demand.traces.entries import Entry, child, flat_rows
from planner.data.demand.traces.files import opened
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows, header, read_rows
from planner.data.demand.traces.tasks import Tasks, jobs_of
from planner.domain.instance import Bools, Floats, Ints
from planner.errors import InvalidInput

SOURCE = Source("Google ClusterData 2019", "CC-BY-4.0")
EPOCH = datetime(2019, 5, 1, 6, 50, tzinfo=UTC)
COLUMNS = ("time", "type", "collection_id", "instance_index", "collection_type")
CPUS = ("resource_request.cpus", "resource_request_cpus", "cpus")
SCHEDULE, FIRST_END, LAST_END = 3, 4, 8
USED = (0, SCHEDULE, *range(FIRST_END, LAST_END + 1))
PER_SECOND = 1e6
FIRST, LAST, NEVER = 600 * PER_SECOND, 40 * 86_400 * PER_SECOND, 9.2e18


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """Columns of length n: the instance, the time (microseconds), the type, and the CPUs asked for (NaN: not told)."""

    collection: Ints
    instance: NDArray[np.int32]
    time: Floats
    kind: NDArray[np.int8]
    cpus: NDArray[np.float32]

    def take(self, rows: Ints | Bools) -> "Events":
        """Some of them, in some order."""
        return Events(*(getattr(self, name)[rows] for name in self.__slots__))


def google_2019(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A job an instance: it arrives with its first event and is as long as all its runs together.

    Kept in memory are 25 bytes an event that counts, for the published files are not in order. Instances that the
    trace cuts, that never ran or that ask for nothing are counted, not taken.
    """
    parts = [_events(rows) for path in files for rows in _rows(path)]
    if not parts:
        raise InvalidInput("file", "no event", "at least one", SOURCE.name)
    events = Events(*(np.concatenate([getattr(p, name) for p in parts]) for name in Events.__slots__))
    return jobs_of(_tasks(events, options), options, SOURCE, unit="machine")


def _rows(path: Path) -> Iterator[Rows]:
    with opened(path) as file:
        is_json = file.read(64).lstrip()[:1] in (b"{", b"[")
    if is_json:
        yield from flat_rows(path, _flat, (*COLUMNS, "cpus"))
        return
    named = [name for name in CPUS if name in header(path)]
    if not named:
        raise InvalidInput("header", "no column of CPUs", f"instance_events with one of {', '.join(CPUS)}", str(path))
    for rows in read_rows(path, [*COLUMNS, named[0]]):
        yield Rows(rows.frame.rename(columns={named[0]: "cpus"}), rows.source)


def _flat(entry: Entry) -> Iterator[Entry]:
    yield {name: child(entry, name) for name in COLUMNS} | {"cpus": child(entry, "resource_request", "cpus")}


def _events(rows: Rows) -> Events:
    time = rows.numbers("time", highest=HIGHEST_TIME)
    inside = (time == 0) | (time >= NEVER) | ((time >= FIRST) & (time <= LAST))
    rows.refuse("time", ~inside, "microseconds: 0, 2^63 - 1, or from 600,000,000 on for a month")
    kind, of = rows.numbers("type"), rows.numbers("collection_type", gaps=True)
    rows.refuse("type", (kind > 10) | (kind % 1 != 0), "the number of an event, 0 to 10")
    events = Events(
        rows.numbers("collection_id").astype(np.int64),
        rows.numbers("instance_index", highest=np.iinfo(np.int32).max).astype(np.int32),
        time,
        kind.astype(np.int8),
        rows.numbers("cpus", gaps=True).astype(np.float32),
    )
    return events.take(np.isin(kind, USED) & (np.nan_to_num(of) == 0))


def _tasks(events: Events, options: TraceOptions) -> Iterator[Tasks]:
    if not len(events.time):
        return
    events = events.take(np.lexsort((events.kind, events.time, events.instance, events.collection)))
    new = np.r_[True, (np.diff(events.collection) != 0) | (np.diff(events.instance) != 0)]
    first, owner = np.flatnonzero(new), np.cumsum(new) - 1
    arrival, cpus = events.time[first], np.fmax.reduceat(events.cpus, first)
    seconds, runs, cut = _runs(events, owner, len(first))
    cut |= (arrival == 0) | (arrival >= NEVER)
    zero = (options.epoch or EPOCH).timestamp()
    tasks = Tasks(zero + np.where(cut, 0.0, arrival) / PER_SECOND, seconds, np.nan_to_num(cpus.astype(np.float64)))
    tasks, runs = tasks.only(~cut, "instances that the trace cuts"), runs[~cut]
    tasks = tasks.only(runs > 0, "instances that never ran")
    yield tasks.only(tasks.width > 0, "instances that ask for no CPU")


def _runs(events: Events, owner: Ints, owners: int) -> tuple[Floats, Ints, Bools]:
    """By instance: seconds that it ran, how often it ran, and whether the trace cuts one of its runs."""
    running = events.kind != 0
    kind, time, owner = events.kind[running], events.time[running], owner[running]
    begins = np.flatnonzero(kind == SCHEDULE)
    following = np.minimum(begins + 1, len(kind) - 1)
    ended = (following > begins) & (owner[following] == owner[begins]) & (kind[following] >= FIRST_END)
    outside = (time[begins] == 0) | (time[following] >= NEVER)
    length = np.where(ended & ~outside, time[following] - time[begins], 0.0) / PER_SECOND
    mine = owner[begins]
    cut = np.bincount(mine, weights=~ended | outside, minlength=owners) > 0
    seconds = np.bincount(mine, weights=length, minlength=owners).astype(np.float64)
    return seconds, np.bincount(mine, minlength=owners).astype(np.int64), cut
