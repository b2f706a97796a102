"""Campaigns that are killed, or stopped by Ctrl-C: what is lost, what is left, and who goes on running."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planner.campaign.collect import collect
from planner.campaign.store import Folder
from tests.unit.campaign.conftest import SUITE, Ran

PATIENCE = 60.0  # seconds, on a machine that has other things to do


def started(suite: Path, folder: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "planner", "campaign", "run", str(suite), "-o", str(folder), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A shell's background jobs ignore Ctrl-C, and so would whatever such a test run starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupted(running: subprocess.Popen[str]) -> tuple[str, str]:
    """Ctrl-C: what it says until it ends."""
    running.send_signal(signal.SIGINT)
    return running.communicate(timeout=PATIENCE)


def until(condition: Callable[[], bool]) -> None:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + PATIENCE, "nothing happens"
        time.sleep(0.01)


def finished(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "tasks").glob("*.json")}


def killed(suite: Path, folder: Path, moment: Callable[[], bool]) -> dict[str, bytes]:
    """What a campaign that is killed at a moment leaves behind."""
    running = started(suite, folder)
    until(lambda: moment() or running.poll() is not None)
    running.kill()
    running.communicate()
    return finished(folder)


def ends_as_if_nothing_had_happened(suite: Path, folder: Path, kept: dict[str, bytes], ran: Ran) -> None:
    assert all(Folder(folder).finished(name.removesuffix(".json")) for name in kept)
    whole, _ = ran(suite, into="undisturbed")
    resumed, _ = ran(suite, into=folder.name)
    assert kept.items() <= finished(folder).items()
    for each in (whole, resumed):
        collect(each, parquet=False)
    assert whole.table("rows.csv").read_bytes() == resumed.table("rows.csv").read_bytes()


def test_kill_loses_the_running_task_alone(suite: Path, ran: Ran, tmp_path: Path) -> None:
    folder, kept = tmp_path / "results", {}
    for tasks in (1, 4):
        before = kept
        kept = killed(suite, folder, lambda n=tasks: len(finished(folder)) >= n)  # type: ignore[misc]
        assert before.items() <= kept.items()
        assert len(kept) >= tasks
    ends_as_if_nothing_had_happened(suite, folder, kept, ran)


@pytest.mark.slow
def test_kill_at_ten_random_moments(suite: Path, ran: Ran, tmp_path: Path) -> None:
    folder, kept, draw = tmp_path / "results", {}, random.Random(6)
    suite.write_text(SUITE.replace("hours = 36 }", "hours = 72 }").replace("[0, 1]", "[0, 1, 2, 3, 4]"))
    for _ in range(10):
        before, end = kept, time.monotonic() + draw.uniform(1.0, 6.0)
        kept = killed(suite, folder, lambda end=end: time.monotonic() > end)  # type: ignore[misc]
        assert before.items() <= kept.items()
    ends_as_if_nothing_had_happened(suite, folder, kept, ran)


@pytest.mark.parametrize("executor", ["serial", pytest.param("processes", marks=pytest.mark.slow)])
def test_ctrl_c_keeps_what_is_finished(executor: str, suite: Path, policies: Path, tmp_path: Path) -> None:
    naps = f'[[products]]\ninstances = ["tiny/waiting"]\npolicies = ["{policies}:Naps"]\n'  # after its instance's first
    suite.write_text(f"{SUITE}\n{naps}")
    running = started(suite, tmp_path / "results", "--executor", executor, "--workers", "1")
    until((tmp_path / "napping").exists)
    kept = finished(tmp_path / "results")
    out, err = interrupted(running)
    assert (running.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert len(kept) >= 5
    assert kept == finished(tmp_path / "results")


@pytest.mark.slow
def test_workers_end_with_a_coordinator_that_is_killed(suite: Path, policies: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace('"greedy"', f'"{policies}:Naps"'))
    napping = tmp_path / "napping"
    running = started(suite, tmp_path / "results", "--executor", "processes", "--workers", "1")
    until(lambda: napping.exists() and bool(napping.read_text()))
    worker = int(napping.read_text())
    running.kill()
    running.communicate()
    until(lambda: not alive(worker))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and ") Z " in state.read_text())  # dead, and nobody has asked how
