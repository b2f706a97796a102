import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import ROOT, Ran

Run = Callable[..., Ran]
COMMAND = [sys.executable, "-m", "planner", "protocol", "functions", "up", "--regions", "us-west1"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    subprocess.run([sys.executable, "-m", "planner", "protocol", "dataset", folder], cwd=ROOT, check=True)
    return folder


@contextmanager
def started(data: Path, logs: Path, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    """`functions up` with one region, and a client of it."""
    command = [*COMMAND, "--data", str(data), "--logs", str(logs), *options]
    environment = {**os.environ, "PLANNER_TOKEN": "secret"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        assert found["schema"] == "planner.protocol-functions/1"
        headers = {"Authorization": "Bearer secret"}
        with httpx.Client(base_url=found["urls"]["us-west1"], headers=headers, trust_env=False, timeout=60) as http:
            yield process, http


def processes(http: httpx.Client) -> list[int]:
    """The region's, after a call: supervisor and worker."""
    assert http.post("api-health-check", json={"check": "ping"}).status_code == 200
    health = http.get("/healthz").json()
    return [health["pid"], health["instance"]]


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_regions_are_up_until_a_signal(number: signal.Signals, data: Path, tmp_path: Path) -> None:
    with started(data, tmp_path, "--rtt", "--slow-down", "us-west1=1.5") as (process, http):
        left = processes(http)
        process.send_signal(number)
        assert process.wait(60) == 0
    assert all(map(gone, left))
    assert len((tmp_path / "functions-us-west1.jsonl").read_text().splitlines()) == 1
    assert len((tmp_path / "instances-us-west1.jsonl").read_text().splitlines()) == 2


def test_nothing_outlives_a_killed_command(data: Path, tmp_path: Path) -> None:
    with started(data, tmp_path) as (process, http):
        left = processes(http)
        process.kill()
        process.wait()
    end = time.monotonic() + 60
    while not all(map(gone, left)):
        assert time.monotonic() < end, "an orphan"
        time.sleep(0.02)


def test_a_data_set_is_made_and_checked(planner: Run, data: Path, tmp_path: Path) -> None:
    made, checked = planner("protocol", "dataset", tmp_path, "--json"), planner("protocol", "dataset", data, "--check")
    assert made.code == checked.code == 0
    for name, file in json.loads(made.out)["files"].items():
        assert name in checked.out
        assert file["sha256"] in checked.out
    (tmp_path / "photo.png").write_bytes(b"")
    changed = planner("protocol", "dataset", tmp_path, "--check")
    assert changed.code == 3
    assert "photo.png" in changed.err


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--regions", "a,a"], "each once"),
        (["--regions", "a", "--rtt"], "us-west1"),
        (["--slow-down", "fast"], "--slow-down"),
        (["--slow-down", "us-west1=0.5"], "SLOW_DOWN"),
        (["--slow-down", "nowhere=2"], "nowhere"),
        (["--clock", "monday"], "clock"),
        (["--idle-seconds", "0"], "idle"),
    ],
)
def test_an_option_that_is_none_is_refused(
    options: list[str], word: str, planner: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANNER_TOKEN", "secret")
    ran = planner("protocol", "functions", "up", "--data", data, "--logs", data, *options)
    assert ran.code == 2
    assert word in ran.err


def test_functions_need_a_token_and_their_data(
    planner: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLANNER_TOKEN", raising=False)
    without_token = planner("protocol", "functions", "up", "--data", data)
    assert without_token.code == 2
    assert "PLANNER_TOKEN" in without_token.err
    without_data = planner("protocol", "functions", "up", "--data", tmp_path)
    assert without_data.code == 3
    assert "planner protocol dataset" in without_data.err
