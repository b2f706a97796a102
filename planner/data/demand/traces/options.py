"""What a user decides about the reading of a trace."""

from dataclasses import dataclass
from datetime import datetime

from planner.data.demand.series import DAY_MINUTES
from planner.errors import UsageError

PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
YEARS = range(1970, 2100)
JOBS_AS = ("jobs", "tasks", "unit-hours")


@dataclass(frozen=True, slots=True)
class TraceOptions:
    """`epoch`: the instant of time 0 in a trace of relative times (None: what its publisher says, else 1970).

    `time_zone` is of times that name none, `unit` of times that are numbers where the format leaves it open. `start`
    and `hours` cut a part out. A job's deadline is its arrival and `deadline_factor` times its length; `jobs_as` counts
    jobs as requests instead: one a task, or one a unit-hour (such as a CPU-hour).
    """

    step_minutes: int = 60
    start: datetime | None = None
    hours: int | None = None
    deadline_factor: float = 1.5
    jobs_as: str = "jobs"
    epoch: datetime | None = None
    time_zone: str = "UTC"
    unit: str = "s"

    def __post_init__(self) -> None:
        step, hours = self.step_minutes, self.hours
        if step < 1 or DAY_MINUTES % step:
            raise UsageError(f"a step of {step} minutes: it must divide a day (1440 minutes)")
        if hours is not None and (hours < 1 or hours * 60 % step):
            raise UsageError(f"{hours} hours: they must be whole steps of {step} minutes, at least one")
        if self.start is not None and self.start.timestamp() % self.step_seconds:
            raise UsageError(f"{self.start:%Y-%m-%dT%H:%M:%SZ}: no step of {step} minutes starts then")
        if not 1 <= self.deadline_factor < float("inf"):
            raise UsageError(f"a deadline factor of {self.deadline_factor:g}: it must be 1 or more, for jobs to fit")
        for time in (self.start, self.epoch):
            if time is not None and time.year not in YEARS:
                raise UsageError(f"{time:%Y-%m-%d}: a time from {YEARS[0]} to {YEARS[-1]}")
        for value, known in ((self.unit, tuple(PER_SECOND)), (self.jobs_as, JOBS_AS)):
            if value not in known:
                raise UsageError(f"'{value}': it must be one of {', '.join(known)}")

    @property
    def step_seconds(self) -> int:
        """Length of a step."""
        return self.step_minutes * 60
