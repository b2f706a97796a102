"""Demand over time, as a trace holds it: requests counted step by step, or single jobs, each with a deadline."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from planner.data.carbon.series import Times, as_datetime
from planner.domain.instance import Bools, Floats, Ints
from planner.errors import InvalidInput

DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True, eq=False)
class TraceJobs:
    """Single jobs in order of arrival, as columns of length J.

    `workload` is the index of a name, `arrival` and `deadline` are UTC, `seconds` is how long a job runs, `width` how
    much of what the trace counts in (CPUs, GPUs, shares of a machine) it holds meanwhile.
    """

    workload: Ints
    arrival: Times
    deadline: Times
    seconds: Floats
    width: Floats

    def __len__(self) -> int:
        return len(self.arrival)

    def take(self, rows: Ints | Bools) -> "TraceJobs":
        """Some of them, in some order."""
        return TraceJobs(*(getattr(self, name)[rows] for name in self.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class DemandSeries:
    """What comes when: `requests` (W,T) by workload and step, and `jobs` beside them in a batch trace.

    `times` (T,) are the starts of the steps, UTC, datetime64[s], `step_minutes` apart.
    `notes` say what was repaired or left out, and what else the trace tells of a request.
    """

    workloads: tuple[str, ...]
    times: Times
    step_minutes: int
    requests: Ints
    source: str
    licence: str
    jobs: TraceJobs | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if DAY_MINUTES % self.step_minutes:
            raise InvalidInput("step", f"{self.step_minutes} minutes", "a divisor of a day (1440 minutes)")
        if not len(self.times):
            raise InvalidInput("times", "no step", "at least one")
        late = np.flatnonzero(np.diff(self.times) != np.timedelta64(self.step_minutes, "m"))
        if late.size:
            found = f"{self.times[late[0] + 1]} after {self.times[late[0]]}"
            raise InvalidInput("times", found, f"a step every {self.step_minutes} minutes")
        if self.requests.shape != (len(self.workloads), len(self.times)) or (self.requests < 0).any():
            raise InvalidInput("requests", f"{self.requests.shape}", "counts of at least 0 by workload and step")

    @property
    def start(self) -> datetime:
        """Start of the first step, UTC."""
        return as_datetime(self.times[0])

    @property
    def end(self) -> datetime:
        """End of the last step, UTC."""
        return as_datetime(self.times[-1] + np.timedelta64(self.step_minutes, "m"))
