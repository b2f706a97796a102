"""Where a demand series goes in an instance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from planner.errors import UsageError


@dataclass(frozen=True, slots=True)
class Placing:
    """`workloads` maps those of the instance to one of the series each, or to all of them (None); empty: by name.

    All requests come from `origin`, or are split like the workload's requests so far (evenly where it had none). `at`
    is the instant of the series that becomes the instance's start; None: the same instant if the series has it, else
    the first of the same time of day. `repeat` begins again after the last whole day; `scale` multiplies requests and
    the widths of jobs; `sample` keeps so many jobs, drawn by `seed`.
    """

    workloads: Mapping[str, str | None] = field(default_factory=dict)
    origin: str | None = None
    at: datetime | None = None
    repeat: bool = False
    scale: float = 1.0
    sample: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.scale < float("inf"):
            raise UsageError(f"a scale of {self.scale:g}: it must be above 0")
        if self.sample is not None and self.sample < 1:
            raise UsageError(f"a sample of {self.sample} jobs: it must be at least 1")
