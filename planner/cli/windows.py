"""`solve --windows`: its options, and how they become a method of windows and an executor."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from planner.cli import common
from planner.errors import UsageError

if TYPE_CHECKING:
    from planner.domain.instance import Instance
    from planner.domain.results import SolveResult
    from planner.domain.window import WindowSize
    from planner.solve.windows.method import Step

Windows = Annotated[float | None, typer.Option("--windows", metavar="H", help="Solve windows of so many hours.")]
Ahead = Annotated[float, typer.Option("--ahead", metavar="H", help="Hours a window looks ahead.", show_default=True)]
Behind = Annotated[float, typer.Option("--behind", metavar="H", help="Hours a window looks back.", show_default=True)]
Seam = Annotated[
    float, typer.Option("--seam", metavar="H", help="Hours around each cut solved once more.", show_default=True)
]
Sequential = Annotated[bool, typer.Option("--sequential", help="Windows one by one, the backlog passed on.")]
ExecutorName = Annotated[
    str, typer.Option("--executor", metavar="NAME", help="Windows run serial, in processes or on dask.")
]
Workers = Annotated[int, typer.Option("--workers", metavar="N", min=1, help="Worker processes.", show_default=True)]
Scheduler = Annotated[
    str | None, typer.Option("--scheduler", metavar="ADDRESS", help="Dask scheduler (default: one of its own).")
]
Polish = Annotated[
    bool, typer.Option("--polish/--no-polish", help="Improve the windows' bound on the whole, towards --gap.")
]
Keep = Annotated[
    Path | None, typer.Option("--keep", metavar="FOLDER", help="Keep finished windows; a run that was killed resumes.")
]

ELSEWHERE = {"formulation": "auto", "algorithm": "auto", "threads": 1, "start": None}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options as they were given, in hours; `windows` None: no windows at all."""

    windows: float | None
    ahead: float
    behind: float
    seam: float
    sequential: bool
    executor: str
    workers: int
    scheduler: str | None
    keep: Path | None
    polish: bool = True

    def require_fitting(self, others: Mapping[str, Any]) -> None:
        """UsageError: an option of the whole problem beside --windows, or one of the windows without it."""
        if self.windows is None and (self.keep or self.scheduler or self.sequential or self.executor != "serial"):
            raise UsageError("--executor, --scheduler, --sequential and --keep need --windows HOURS")
        if self.windows is not None:
            for name, default in ELSEWHERE.items():
                if others[name] != default:
                    raise UsageError(f"--{name} goes with the whole problem, not with --windows")


def solved(
    instance: "Instance", wanted: Wanted, *, gap: float, time_limit: float | None, seed: int, no_progress: bool
) -> "SolveResult":
    """The plan from windows, and a bound from them or from the climb that follows."""
    from planner.bounds.polished import polished
    from planner.solve.executors import executor
    from planner.solve.windows.method import solve_by_windows

    with executor(wanted.executor, workers=wanted.workers, scheduler=wanted.scheduler) as runs:
        result = solve_by_windows(
            instance,
            _size(instance, wanted),
            method="sequential" if wanted.sequential else "parallel",
            executor=runs,
            keep=wanted.keep,
            gap=gap,
            time_limit=time_limit,
            seed=seed,
            progress=_progress(no_progress=no_progress),
        )
    if not wanted.polish:
        return result
    return polished(instance, result, gap=gap, progress=common.climbing(no_progress=no_progress))


def _size(instance: "Instance", wanted: Wanted) -> "WindowSize":
    from planner.domain.window import WindowSize

    def periods(option: str) -> int:
        hours = getattr(wanted, option)
        number = hours / instance.step_hours
        if not float(number).is_integer() or number < (option == "windows"):
            raise UsageError(f"--{option} {hours:g}: give a whole number of periods of {instance.step_hours:g} h")
        return int(number)

    return WindowSize(*(periods(option) for option in ("windows", "ahead", "behind", "seam")))


def _progress(*, no_progress: bool) -> "Step | None":
    """A line on stderr for each window that is done."""
    if not common.watched(no_progress=no_progress):
        return None
    clock = common.Stopwatch()

    def show(step: str, done: int, total: int) -> None:
        common.note(f"{clock.total:7.1f} s  {step} {done}/{total}")

    return show
