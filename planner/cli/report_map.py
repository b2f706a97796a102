"""The instance, and the plans on it, that the map of a report shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.cli import common
from planner.errors import PlannerError, UsageError

if TYPE_CHECKING:
    from planner.campaign.suite import Product, Suite
    from planner.domain.instance import Instance
    from planner.report.results.panels import Placed, Shown
    from planner.report.results.rows import Results, Row
    from planner.report.results.standings import Leaderboard

SAME = 1e-9  # relative: a replay gives the row's objective again
ORACLE_GAP = 1e-4
NOTHING = "No map: {why}."


@dataclass(frozen=True, slots=True)
class _Made:
    """A task made again: its instance, the seed of its replays and how its oracle solved."""

    instance: "Instance"
    seed: int = 0
    gap: float = ORACLE_GAP
    time_limit: float | None = None


def shown(results: "Results", folder: Path, *, task: str | None, policies: Sequence[str]) -> "Shown | str":
    """What the map is made of: the task asked for, or the first with most regions; or why there is none.

    UsageError: no such task, or no such row. Plans are made anew, and the sentences say whether they are those of the
    table.
    """
    from planner.report.results.panels import Shown
    from planner.report.results.standings import labels, leaderboard

    board = leaderboard(results)
    key = _asked(results, task) if task else _largest(results, board)
    names = list(policies) or ([board.best.policy] if board.best else [])
    absent = next((name for name in names if (key, name) not in results.of), None)
    if absent is not None:
        raise UsageError(f"--policy {absent}: no row of it on task {key}")
    row = results.first[key]
    try:
        made = _made(folder, row)
        if made is None:
            why = f"neither the campaign's folder nor the library holds {row.instance} as it was"
            return NOTHING.format(why=why)
        common.note(f"map: {row.instance}, solved and replayed with {', '.join(names)}")
        plans = list(_plans(results, made, key, names))
    except PlannerError as error:
        return NOTHING.format(why=str(error).rstrip("."))
    told = [sentence for _, sentence in plans]
    return Shown(labels(results)[key], made.instance, tuple(p for p, _ in plans), tuple(told), row.forecast, made.seed)


def _largest(results: "Results", board: "Leaderboard") -> str:
    return max(board.compared or results.tasks, key=lambda task: results.first[task].regions or 0)


def _asked(results: "Results", task: str) -> str:
    found = [key for key in results.tasks if key.startswith(task)]
    if len(found) != 1:
        raise UsageError(f"--task {task}: {len(found)} tasks begin so; the column `task` of rows.csv has their names")
    return found[0]


def _made(folder: Path, row: "Row") -> "_Made | None":
    """The task of a row, its instance byte for byte; from the campaign's folder, or as it is shipped."""
    from planner.io.instances import instance_sha256

    return next((m for m in _candidates(folder, row) if instance_sha256(m.instance) == row.instance_sha256), None)


def _candidates(folder: Path, row: "Row") -> "Iterator[_Made]":
    from planner.io.instances import load_instance
    from planner.io.library import shipped_instances

    if (folder / "suite.toml").is_file():
        yield from _of_suite(folder, row)
    if row.instance in shipped_instances():
        yield _Made(load_instance(row.instance))


def _of_suite(folder: Path, row: "Row") -> "Iterator[_Made]":
    """What the row's labels make of each instance that the campaign began with."""
    from planner.campaign.axes import varied
    from planner.campaign.suite import load_suite
    from planner.io.instances import load_instance

    suite, _ = load_suite(folder / "suite.toml")
    bases = sorted((folder / "instances").glob("*.json.gz"))
    for settings in filter(None, (_settings(suite, product, row) for product in suite.products)):
        for base in bases:
            try:
                instance = varied(load_instance(base), settings)
            except (ValueError, UsageError):  # settings of another instance
                continue
            yield _Made(instance, settings["seed"], suite.gap, suite.time_limit)


def _settings(suite: "Suite", product: "Product", row: "Row") -> dict[str, Any] | None:
    """What the row's labels set on an instance of a product; None: they are not of this product."""
    labels = {name: value for name, value in row.axes if value}
    if set(labels) != set(product.axes) or any(labels[name] not in axis for name, axis in product.axes.items()):
        return None
    found: dict[str, Any] = {"seed": suite.seed}
    for name, axis in product.axes.items():
        found |= axis[labels[name]].given()
    return found


def _plans(results: "Results", made: _Made, key: str, names: Sequence[str]) -> "Iterator[tuple[Placed, str]]":
    from planner.replay.loop import replay
    from planner.report.results.panels import Placed
    from planner.solve.oracle import solve

    best = solve(made.instance, gap=made.gap, time_limit=made.time_limit)
    told = _compared("The oracle's plan", best.objective.total, results.of.get((key, "optimum")))
    yield Placed("oracle", best.plan), told
    for name in names:
        row = results.of[key, name]
        run = replay(made.instance, name, forecast=row.forecast or "persistence", seed=made.seed)
        yield Placed(name, run.plan), _compared(f"The plan of {name}", run.verdict.objective.total, row)


def _compared(what: str, total: float, row: "Row | None") -> str:
    made = f"{what} was made anew for this map; its objective, {total:.9g},"
    if row is None or row.total is None:
        return f"{made} stands in no row."
    if abs(total - row.total) <= SAME * max(abs(row.total), 1e-300):
        return f"{made} is that of the table."
    return f"{made} is not that of the table, {row.total:.9g}."
