"""Arrivals, some at a time and in any order, -> requests by workload and step."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from planner.data.carbon.series import Times, iso
from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Texts
from planner.domain.instance import Floats, Ints
from planner.errors import InvalidInput

LONGEST_YEARS = 20


@dataclass(frozen=True, slots=True)
class Source:
    """Who published a trace, and under which terms."""

    name: str
    licence: str


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """Some rows of a trace, columns of length n: workload, seconds since 1970, and how many requests.

    `measured` are figures of single requests, by name, of which the means are noted; `repairs` say how many rows were
    changed or left out, and why.
    """

    workload: Texts
    seconds: Floats
    count: Floats
    measured: Mapping[str, Floats] = field(default_factory=dict)
    repairs: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What was counted so far; its size depends on steps and workloads, not on rows."""

    step_seconds: int
    totals: defaultdict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    moments: defaultdict[tuple[str, str], Floats] = field(default_factory=lambda: defaultdict(lambda: np.zeros(3)))
    repairs: Counter[str] = field(default_factory=Counter)

    def add(self, arrivals: Arrivals) -> None:
        """Count some rows."""
        self.repairs.update(arrivals.repairs)
        codes, names = pd.factorize(arrivals.workload)
        steps = np.floor_divide(arrivals.seconds, self.step_seconds).astype(np.int64)
        for code, name in enumerate(names):
            mine = codes == code
            found, place = np.unique(steps[mine], return_inverse=True)
            for step, total in zip(found, np.bincount(place, weights=arrivals.count[mine]), strict=True):
                self.totals[str(name), int(step)] += float(total)
            for measure, values in arrivals.measured.items():
                known = values[mine & np.isfinite(values)]
                self.moments[str(name), measure] += (len(known), known.sum(), (known**2).sum())

    def notes(self) -> tuple[str, ...]:
        """Repairs with their counts, and the mean and standard deviation of what was measured."""
        means = [f"{name}: {_moments(m, measure)}" for (name, measure), m in sorted(self.moments.items()) if m[0]]
        return (*repair_notes(self.repairs), *means)


def counted(chunks: Iterable[Arrivals], options: TraceOptions, source: Source) -> DemandSeries:
    """The demand series of some rows at a time. InvalidInput: no request at all, or none in the part asked for."""
    tally = Tally(options.step_seconds)
    for arrivals in chunks:
        tally.add(arrivals)
    if not tally.totals:
        raise InvalidInput("file", "no request", "at least one", source.name)
    workloads = tuple(sorted({name for name, _ in tally.totals}))
    times = step_times([step for _, step in tally.totals], options)
    first = int(times[0].astype(np.int64)) // options.step_seconds
    requests = np.zeros((len(workloads), len(times)))
    for (name, step), total in tally.totals.items():
        if 0 <= step - first < len(times):
            requests[workloads.index(name), step - first] = total
    return DemandSeries(
        workloads, times, options.step_minutes, carried(requests), source.name, source.licence, notes=tally.notes()
    )


def step_times(steps: Iterable[int], options: TraceOptions) -> Times:
    """(T,) the steps from the first to the last of `steps`, or the part of them that the options ask for."""
    numbers = list(steps)
    low, high = min(numbers), max(numbers) + 1
    if (high - low) * options.step_minutes > LONGEST_YEARS * 365 * 1440:
        found = f"{_at(low, options)} to {_at(high, options)}"
        raise InvalidInput("times", found, f"at most {LONGEST_YEARS} years: a time is wrong, or in another unit")
    begin = _step(options.start, options) if options.start else low
    end = high if options.hours is None else begin + options.hours * 60 // options.step_minutes
    if begin < low or end > high or begin >= end:
        found = f"a trace from {_at(low, options)} to {_at(high, options)}"
        raise InvalidInput("times", found, f"one that holds {_at(begin, options)} to {_at(end, options)}")
    return (np.arange(begin, end) * options.step_seconds).astype("datetime64[s]")


def _step(time: datetime, options: TraceOptions) -> int:
    return int(time.timestamp()) // options.step_seconds


def _at(step: int, options: TraceOptions) -> str:
    return iso(np.datetime64(step * options.step_seconds, "s"))


def carried(values: Floats) -> Ints:
    """Whole numbers along the last axis whose running sums are the rounded ones of `values`."""
    sums = np.rint(np.cumsum(values, axis=-1))
    return np.diff(sums, axis=-1, prepend=0.0).astype(np.int64)


def repair_notes(repairs: Mapping[str, int]) -> tuple[str, ...]:
    """What was repaired, how often."""
    return tuple(f"{what}: {count}" for what, count in sorted(repairs.items()) if count)


def _moments(moments: Floats, measure: str) -> str:
    count, total, squares = moments.tolist()
    mean = total / count
    deviation = max(squares / count - mean**2, 0.0) ** 0.5
    return f"{measure} mean {mean:.6g}, standard deviation {deviation:.6g} over {count:.0f} requests"
