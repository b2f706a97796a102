"""Executors: results in order, each told as it comes, whatever dies on the way."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from planner.errors import MissingExtra, SolverError, UsageError
from planner.solve.executors import Dask, Executor, Processes, Serial, executor

TASKS = [3, 1, 2, 5]


def square(number: int) -> int:
    return number * number


def fail_on_two(number: int) -> int:
    if number == 2:
        raise UsageError("two is not wanted")
    return number


def die_once(task: tuple[Path, int]) -> int:
    """The first worker that takes the number 1 dies of it."""
    folder, number = task
    if number == 1:
        try:
            (folder / "died").touch(exist_ok=False)
        except FileExistsError:
            return number
        os._exit(9)
    return number


@pytest.fixture(params=["serial", "processes"])
def runs(request: pytest.FixtureRequest) -> Iterator[Executor]:
    with executor(request.param) as opened:
        yield opened


def test_results_come_in_the_order_of_the_tasks(runs: Executor) -> None:
    told: dict[int, int] = {}
    assert runs.map(square, TASKS, finished=told.__setitem__) == [9, 1, 4, 25]
    assert told == {0: 9, 1: 1, 2: 4, 3: 25}
    assert runs.map(square, []) == []


def test_the_error_of_a_task_is_raised(runs: Executor) -> None:
    with pytest.raises(UsageError, match="two is not wanted"):
        runs.map(fail_on_two, TASKS)


def test_the_tasks_of_a_process_that_dies_run_again(tmp_path: Path) -> None:
    told: list[int] = []
    with Processes(2) as runs:
        assert runs.map(die_once, [(tmp_path, n) for n in TASKS], finished=lambda i, _: told.append(i)) == TASKS
    assert sorted(told) == [0, 1, 2, 3]


@pytest.mark.slow
def test_dask_gives_the_same() -> None:
    pytest.importorskip("distributed")
    told: dict[int, int] = {}
    with Dask(workers=2) as runs:
        assert runs.map(square, TASKS, finished=told.__setitem__) == [9, 1, 4, 25]
    assert told == {0: 9, 1: 1, 2: 4, 3: 25}


@pytest.mark.slow
def test_dask_survives_the_loss_of_a_worker(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with Dask(workers=2) as runs:
        assert runs.map(die_once, [(tmp_path, n) for n in TASKS]) == TASKS


@pytest.mark.slow
def test_dask_gives_up_a_task_that_kills_its_workers() -> None:
    pytest.importorskip("distributed")
    with Dask(workers=1) as runs, pytest.raises(SolverError, match="died again and again"):
        runs.map(os._exit, [9])


def test_dask_that_is_not_installed_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(MissingExtra, match=r"planner\[dask\]"):
        Dask().map(square, TASKS)


def test_a_scheduler_that_does_not_answer_is_a_usage_error() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="--scheduler"):
        Dask(scheduler="nonsense").map(square, TASKS)


def test_executors_by_name() -> None:
    assert isinstance(executor("serial"), Serial)
    assert vars(executor("processes", workers=3)) == vars(Processes(3))
    assert vars(executor("dask", scheduler="tcp://there:8786")) == vars(Dask("tcp://there:8786", 2))
    with pytest.raises(UsageError, match="known are serial, processes, dask"):
        executor("threads")
    with pytest.raises(UsageError, match="goes with --executor dask"):
        executor("serial", scheduler="tcp://there:8786")
