"""Tasks that ran, some rows at a time and in any order, -> jobs with synthetic deadlines."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from planner.data.carbon.series import Times, iso
from planner.data.demand.series import DemandSeries, TraceJobs
from planner.data.demand.traces.clock import LAST
from planner.data.demand.traces.counting import Arrivals, Source, counted, repair_notes, step_times
from planner.data.demand.traces.options import TraceOptions
from planner.domain.instance import Bools, Floats
from planner.errors import InvalidInput

WORKLOAD = "tasks"
SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 20 * 365 * 86_400.0


@dataclass(frozen=True, slots=True, eq=False)
class Tasks:
    """Some tasks, columns of length n: arrival (seconds since 1970), how long each ran (seconds), and its width.

    `key` tells tasks apart where the trace names them; `repairs` say how many rows were changed or left out, and why.
    """

    arrival: Floats
    seconds: Floats
    width: Floats
    key: NDArray[np.uint64] | None = None
    repairs: Mapping[str, int] = field(default_factory=dict)

    def only(self, keep: Bools, reason: str) -> "Tasks":
        """Those to keep; the others are counted under a reason."""
        left_out = Counter(self.repairs) + Counter({f"{reason}, left out": int((~keep).sum())})
        key = None if self.key is None else self.key[keep]
        return Tasks(self.arrival[keep], self.seconds[keep], self.width[keep], key, left_out)


NONE = Tasks(np.empty(0), np.empty(0), np.empty(0))


def jobs_of(chunks: Iterable[Tasks], options: TraceOptions, source: Source, *, unit: str) -> DemandSeries:
    """The jobs, or what `options.jobs_as` counts of them; `unit` is what widths are in, such as "CPU".

    InvalidInput where no task is left.
    """
    tasks = _once(_joined(chunks))
    tasks = tasks.only(tasks.seconds <= LONGEST_SECONDS, "tasks of more than 20 years")
    if not len(tasks.arrival):
        told = "; ".join(repair_notes(tasks.repairs)) or "no task"
        raise InvalidInput("file", told, "at least one task that ran", source.name)
    if options.jobs_as != "jobs":
        return counted([_arrivals(tasks, options)], options, source)
    steps = np.floor_divide(tasks.arrival, options.step_seconds).astype(np.int64)
    times = step_times((int(steps.min()), int(steps.max())), options)
    jobs = _jobs(tasks, times, options)
    rule = f"Widths are in {unit}s; deadline: arrival + {options.deadline_factor:g} x length."
    nothing, notes = np.zeros((1, len(times)), dtype=np.int64), (rule, *repair_notes(tasks.repairs))
    return DemandSeries((WORKLOAD,), times, options.step_minutes, nothing, source.name, source.licence, jobs, notes)


def _jobs(tasks: Tasks, times: Times, options: TraceOptions) -> TraceJobs:
    """Those that arrive in the steps, in order. InvalidInput: there are none."""
    begin = int(times[0].astype(np.int64))
    within = (tasks.arrival >= begin) & (tasks.arrival < begin + len(times) * options.step_seconds)
    if not within.any():
        raise InvalidInput("file", f"no task from {iso(times[0])} on", "one in the part that is kept")
    order = np.lexsort((tasks.width, tasks.seconds, tasks.arrival))
    order = order[within[order]]
    arrival, seconds = tasks.arrival[order], np.maximum(tasks.seconds[order], SHORTEST_SECONDS)
    deadline = np.minimum(arrival + options.deadline_factor * seconds, LAST - 1)
    of = np.zeros(len(order), dtype=np.int64)
    return TraceJobs(of, _whole_seconds(arrival), _whole_seconds(deadline), seconds, tasks.width[order])


def _whole_seconds(values: Floats) -> Times:
    return values.astype("datetime64[s]")


def _joined(chunks: Iterable[Tasks]) -> Tasks:
    parts = [NONE, *chunks]
    repairs: Counter[str] = Counter()
    for part in parts:
        repairs.update(part.repairs)
    keys = [part.key for part in parts if part.key is not None]
    return Tasks(
        np.concatenate([part.arrival for part in parts]),
        np.concatenate([part.seconds for part in parts]),
        np.concatenate([part.width for part in parts]),
        np.concatenate(keys) if keys else None,
        repairs,
    )


def _once(tasks: Tasks) -> Tasks:
    """Every named task once: the first row that tells of it."""
    if tasks.key is None:
        return tasks
    first = np.zeros(len(tasks.key), dtype=np.bool_)
    first[np.unique(tasks.key, return_index=True)[1]] = True
    return tasks.only(first, "tasks named before")


def _arrivals(tasks: Tasks, options: TraceOptions) -> Arrivals:
    """Tasks as requests: one each, or one for an hour of one unit of width."""
    name = np.full(len(tasks.arrival), WORKLOAD, dtype=object)
    hours = tasks.width * np.maximum(tasks.seconds, SHORTEST_SECONDS) / 3600
    count = hours if options.jobs_as == "unit-hours" else np.ones(len(tasks.arrival))
    return Arrivals(name, tasks.arrival, count, repairs=tasks.repairs)
