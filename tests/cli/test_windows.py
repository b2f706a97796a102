"""`solve --windows`: options, progress, resume."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.data.grid import GridSize, grid
from planner.io.instances import save_instance
from tests.conftest import Ran

Planner = Callable[..., Ran]
SIZE = ("--windows", "24", "--ahead", "12", "--behind", "6", "--seam", "9")


@pytest.fixture(scope="module")
def fleet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fleet") / "fleet.json"
    save_instance(grid(GridSize(regions=3, origins=3, hours=72, workloads=3, capacity=1.2)), path)
    return path


def test_a_plan_by_windows_is_checked_like_any_other(planner: Planner, fleet_file: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    ran = planner("solve", fleet_file, *SIZE, "--json", "-o", plan)
    assert ran.code == 0
    answer = json.loads(ran.out)
    assert answer["formulation"].startswith("windows of 24 periods")
    assert 0 <= answer["gap"]["certified"] < 0.02
    assert {"anchors", "bridges", "seams", "disaggregate", "certify", "verify"} <= set(answer["seconds"])
    assert planner("check", fleet_file, plan).code == 0


def test_the_bound_is_polished_on_the_whole(planner: Planner, fleet_file: Path) -> None:
    plain, polished = (
        json.loads(planner("solve", fleet_file, *SIZE, option, "--json").out) for option in ("--no-polish", "--polish")
    )
    assert polished["objective"] == plain["objective"]
    assert polished["gap"]["certified"] < plain["gap"]["certified"] / 2
    assert "polish" in polished["seconds"]


def test_progress_is_a_line_for_each_window(planner: Planner, fleet_file: Path) -> None:
    ran = planner("solve", fleet_file, *SIZE, "-v")
    assert "anchors 2/2" in ran.err
    assert "seams 2/2" in ran.err
    assert "anchors" not in planner("solve", fleet_file, *SIZE, "-v", "--no-progress").err


def test_finished_windows_are_kept(planner: Planner, fleet_file: Path, tmp_path: Path) -> None:
    one = planner("solve", fleet_file, *SIZE, "--keep", tmp_path / "kept", "--json", "-o", tmp_path / "one.json")
    assert one.code == 0
    kept = {p: p.stat().st_mtime_ns for p in (tmp_path / "kept").iterdir()}
    assert len(kept) == 5
    planner("solve", fleet_file, *SIZE, "--keep", tmp_path / "kept", "-o", tmp_path / "two.json")
    assert {p: p.stat().st_mtime_ns for p in kept} == kept
    plans = [json.loads((tmp_path / f"{n}.json").read_text())["served"] for n in ("one", "two")]
    assert plans[0] == plans[1]


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["serial", "processes"])
def test_ten_kills_at_any_moment_change_nothing(tmp_path: Path, executor: str) -> None:
    long = tmp_path / "month.json.gz"
    save_instance(grid(GridSize(hours=720)), long)
    calm, killed = tmp_path / "calm.json", tmp_path / "killed.json"
    command = [sys.executable, "-m", "planner", "solve", long, "--windows", "120", "--executor", executor, "-q"]
    begun = time.monotonic()
    subprocess.run([*command, "-o", calm], check=True)
    takes, draw = time.monotonic() - begun, random.Random(0)
    for _ in range(10):
        process = subprocess.Popen([*command, "--keep", tmp_path / "kept", "-o", killed])
        time.sleep(draw.uniform(0.1, 0.7) * takes)
        process.kill()
        process.wait()
    subprocess.run([*command, "--keep", tmp_path / "kept", "-o", killed], check=True)
    assert told(calm) == told(killed)


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_a_worker_lost_in_mid_run_changes_nothing(tmp_path: Path, executor: str) -> None:
    psutil = pytest.importorskip("psutil")
    if executor == "dask":
        pytest.importorskip("distributed")
    long = tmp_path / "month.json.gz"
    save_instance(grid(GridSize(hours=720)), long)
    calm, lost = tmp_path / "calm.json", tmp_path / "lost.json"
    command = [sys.executable, "-m", "planner", "solve", long, "--windows", "120", "--executor", executor, "-q"]
    subprocess.run([*command, "-o", calm], check=True)
    process = subprocess.Popen([*command, "-o", lost])
    workers: list[Any] = []
    while len(workers) < 2:
        time.sleep(0.1)
        assert process.poll() is None
        children = psutil.Process(process.pid).children(recursive=True)
        workers = [c for c in children if "spawn_main" in " ".join(c.cmdline()) and c.cpu_times().user > 3]
    workers[0].kill()
    assert process.wait() == 0
    assert told(calm) == told(lost)


def told(file: Path) -> dict[str, Any]:
    """What a solve says of its plan, without what it has measured."""
    document: dict[str, Any] = json.loads(file.read_text())
    return {key: value for key, value in document.items() if key not in {"seconds", "peak_rss_mb"}}


def test_one_by_one(planner: Planner, fleet_file: Path) -> None:
    ran = planner("solve", fleet_file, *SIZE, "--sequential", "--json")
    assert json.loads(ran.out)["gap"]["certified"] < 0.02


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--keep", "there"), "need --windows"),
        (("--executor", "dask"), "need --windows"),
        ((*SIZE, "--executor", "threads"), "no executor 'threads'"),
        ((*SIZE, "--scheduler", "tcp://there:1"), "goes with --executor dask"),
        ((*SIZE, "--formulation", "time-indexed"), "--formulation goes with the whole problem"),
        ((*SIZE, "--threads", "2"), "--threads goes with the whole problem"),
        (("--windows", "0.5"), "whole number of periods"),
        (("--windows", "0"), "whole number of periods"),
        (("--windows", "24", "--ahead", "-1"), "whole number of periods"),
    ],
)
def test_what_does_not_fit_is_said(planner: Planner, fleet_file: Path, options: tuple[str, ...], message: str) -> None:
    ran = planner("solve", fleet_file, *options)
    assert ran.code == 2
    assert message in ran.err


def test_what_cannot_be_cut_is_named(planner: Planner) -> None:
    ran = planner("solve", "jobs/batch-day", *SIZE)
    assert ran.code == 2
    assert "windows cannot hold" in ran.err
