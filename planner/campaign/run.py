"""A campaign from its suite to its finished tasks; run again, it goes on where it ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import active_children
from pathlib import Path

from planner.campaign.play import Order, Told, play, told
from planner.campaign.sources import Bases
from planner.campaign.store import Folder
from planner.campaign.suite import load_suite
from planner.campaign.task import Cell, cells, shuffled
from planner.errors import UsageError
from planner.io.atomic import write_text
from planner.io.clock import format_utc
from planner.io.pointer import one_of
from planner.solve.executors import Executor, Processes

Finished = Callable[[Told, int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks: those whose axes have one of the labels `only` names (all without), failed ones `again` or not."""

    only: tuple[tuple[str, str], ...] = ()
    again: bool = False
    plans: bool = False


def run(
    suite_name: str | Path,
    path: Path,
    *,
    executor: Executor,
    data: Path | None = None,
    wanted: Wanted | None = None,
    finished: Finished | None = None,
) -> list[Told]:
    """Play the tasks of a suite that the folder does not hold yet; what came of all that were wanted.

    `finished(told, done, of)` is called here as each comes in. Whatever ends the run, Ctrl-C or a lost machine, loses
    no task but those that are running. UsageError: the folder holds another suite's campaign, or `only` names no axis.
    """
    wanted = wanted or Wanted()
    suite, text = load_suite(suite_name)
    folder = Folder(path.resolve())
    _require_same(folder, suite.name)
    folder.prepare()
    found = cells(suite, Bases(folder, data), source=str(suite_name))
    chosen = _chosen(found, wanted.only)
    write_text(folder.suite_file, text)
    folder.save_campaign(
        {
            "suite": suite.name,
            "axes": suite.axes,
            "started": format_utc(datetime.now(UTC)),
            "tasks": [cell.document() for cell in found],
        }
    )
    return _played(folder, chosen, executor, wanted, finished)


def _played(
    folder: Folder, chosen: Sequence[Cell], executor: Executor, wanted: Wanted, finished: Finished | None
) -> list[Told]:
    tasks = shuffled([cell.task for cell in chosen])
    stored = {task.key: told(task.key, found) for task in tasks if (found := folder.finished(task.key)) is not None}
    known = {key: said for key, said in stored.items() if not (wanted.again and said.errors)}
    orders = [Order(folder.path, task, plans=wanted.plans) for task in tasks if task.key not in known]

    def take(_: int, said: Told) -> None:
        known[said.task] = said
        if finished is not None:
            finished(said, len(known), len(tasks))

    try:
        executor.map(play, orders, finished=take)
    except KeyboardInterrupt:
        if executor.name == Processes.name:  # or leaving it would wait for what runs
            for child in active_children():
                child.terminate()
        raise
    return [known[task.key] for task in tasks]


def _require_same(folder: Folder, name: str) -> None:
    if (folder.path / "campaign.json").is_file() and (other := folder.campaign()["suite"]) != name:
        raise UsageError(f"-o {folder.path}: holds the campaign of the suite '{other}', not of '{name}'")


def _chosen(found: Sequence[Cell], only: Sequence[tuple[str, str]]) -> list[Cell]:
    """Cells with, on every axis that is named, one of the labels that are named."""
    wanted: dict[str, set[str]] = {}
    for axis, label in only:
        labels = dict.fromkeys(cell.axes[axis] for cell in found if axis in cell.axes)
        if label not in labels:
            axes = dict.fromkeys(name for cell in found for name in cell.axes)
            raise UsageError(f"--only {axis}={label}: expected {one_of(labels or axes, label if labels else axis)}")
        wanted.setdefault(axis, set()).add(label)
    return [cell for cell in found if all(cell.axes.get(axis) in labels for axis, labels in wanted.items())]
