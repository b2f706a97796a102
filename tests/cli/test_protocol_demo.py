import json
from collections.abc import Callable
from dataclasses import replace
from importlib import util
from pathlib import Path

import pytest

from planner.protocol.compare import compare
from planner.protocol.demo import Demo
from tests.conftest import Ran
from tests.unit.protocol.scenarios import DAYS, three

Run = Callable[..., Ran]


@pytest.mark.slow
def test_an_hour_of_all_scenarios(planner: Run, tmp_path: Path) -> None:
    ran = planner("protocol", "demo", tmp_path / "demo", "--hours", "1", "--policy", "mpc", "--json")
    found = json.loads(ran.out)
    assert ran.code in {0, 1}  # 1: this machine is busy, and says so
    assert (found["invocations"], found["same_trace"]) == (26, True)
    assert [one["scenario"] for one in found["scenarios"]] == ["A", "B", "C"]
    assert "</html>" in (tmp_path / "demo" / "comparison.html").read_text()
    assert json.loads((tmp_path / "demo" / "C.json").read_text())["unfinished"] == []


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
    monkeypatch.setattr("planner.protocol.extra.find_spec", lambda name: None if name == "uvicorn" else found(name))
    ran = planner("protocol", "demo", tmp_path)
    assert ran.code == 2
    assert "planner[serve]" in ran.err
