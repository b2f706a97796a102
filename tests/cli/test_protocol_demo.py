import json
from collections.abc import Callable
from dataclasses import replace
from importlib import util
from pathlib import Path

import pytest

from planner.protocol.compare import compare
from planner.protocol.demo import Demo
from planner.protocol.dispatcher.queue_sqlite import results
from planner.protocol.log import read_lines
from tests.conftest import Ran
from tests.unit.protocol.scenarios import DAYS, three

Run = Callable[..., Ran]


@pytest.mark.slow
@pytest.mark.parametrize(("hours", "speed"), [(1, 1200), (24, 1200), (168, 756)])  # the week takes 40 minutes
def test_every_invocation_has_one_result_in_time(planner: Run, tmp_path: Path, hours: int, speed: int) -> None:
    folder = tmp_path / "demo"
    ran = planner("protocol", "demo", folder, "--hours", str(hours), "--speed", str(speed), "--json")
    found = json.loads(ran.out)
    assert ran.code in {0, 1}  # 1: this machine is busy, and says so
    assert (found["invocations"], found["same_trace"]) == (26 * hours, True)
    assert [one["scenario"] for one in found["scenarios"]] == ["A", "B", "C"]
    assert [account["missing"] for account in found["accounts"]] == [[], [], []]
    if ran.code == 0:
        assert [one["late"] for one in found["scenarios"]] == [[], [], []]
    for one in found["scenarios"]:
        assert_accounts_agree(folder, one["scenario"], 26 * hours)
    assert "</html>" in (folder / "comparison.html").read_text()
    against_a = {pair["new"]: pair["greenup_policy"] for pair in found["pairs"] if pair["base"] == "A"}
    assert hours < 24 or against_a["C"] >= against_a["B"] > 1


def assert_accounts_agree(folder: Path, scenario: str, invocations: int) -> None:
    """Runner's log, functions' logs, queue and metrics, to the last invocation."""
    metrics = json.loads((folder / f"{scenario}.json").read_text())
    committed = {run["event_id"] for run in metrics["executions"]}
    sent = [line["event_id"] for line in read_lines(folder / scenario / "runner.jsonl")]
    logs = (folder / scenario).glob("functions-*.jsonl")
    done = [line["event_id"] for log in logs for line in read_lines(log) if line["status"] == 200]
    assert len(metrics["executions"]) == len(committed) == len(sent) == invocations
    assert set(sent) == set(done) == committed
    assert len(done) == invocations + sum(run["status"] == 200 for run in metrics["repeated"])
    assert metrics["unfinished"] == []
    if scenario == "C":
        assert set(results(folder / "C" / "queue.db")) == committed


@pytest.mark.parametrize(("late", "code"), [({"C": ("one",)}, 0), ({"A": ("one", "two")}, 1)])
def test_a_machine_that_did_not_keep_up_is_told(
    planner: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, late: dict[str, tuple[str, ...]], code: int
) -> None:
    found = compare(three(tmp_path), DAYS, resamples=100)
    told = [replace(one, late=late.get(one.scenario, ())) for one in found.scenarios]
    monkeypatch.setattr(Demo, "run", lambda *_: replace(found, scenarios=tuple(told)))
    ran = planner("protocol", "demo", tmp_path)
    assert ran.code == code
    assert ("A (2 late)" in ran.err) == bool(code)


def test_logs_of_another_run_are_kept(planner: Run, tmp_path: Path) -> None:
    (tmp_path / "B").mkdir()
    ran = planner("protocol", "demo", tmp_path)
    assert ran.code == 2
    assert "new folder" in ran.err


def test_it_begins_at_a_full_hour(planner: Run, tmp_path: Path) -> None:
    ran = planner("protocol", "demo", tmp_path, "--start", "2026-06-01T00:30Z")
    assert ran.code == 2
    assert "full hour" in ran.err


def test_an_extra_that_is_not_installed_is_named(planner: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = util.find_spec
    monkeypatch.setattr("planner.extras.find_spec", lambda name: None if name == "uvicorn" else found(name))
    ran = planner("protocol", "demo", tmp_path)
    assert ran.code == 2
    assert "planner[serve]" in ran.err
