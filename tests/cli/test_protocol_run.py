import json
from collections.abc import Callable
from importlib import util
from pathlib import Path

import pytest

from planner.data.faas import REGIONS
from tests.conftest import Ran
from tests.unit.protocol.fake_services import service_up

Run = Callable[..., Ran]
COMMON = ["protocol", "run", "--experiment", "week-1", "--data", "gs://bucket/data"]
FAST = ["--clock", "2026-06-01T00:00:00Z*36000"]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNER_TOKEN", "secret")


def test_the_current_hour_of_a(planner: Run, tmp_path: Path) -> None:
    log = tmp_path / "runner.jsonl"
    with service_up() as service:
        url = f"europe-west1={service.url}/{{function}}"
        ran = planner(*COMMON, "--scenario", "A", "--region", url, *FAST, "--log", log, "--json")
    found = json.loads(ran.out)
    assert (ran.code, found["schema"]) == (0, "planner.protocol-run/1")
    assert (found["first_hour"], found["invocations"]) == ("2026-06-01T00:00:00Z", 26)
    assert len(log.read_text().splitlines()) == 26
    assert {asked.path for asked in service.asked if "crypto" in asked.path} == {"/crypto-key-gen/crypto-key-gen"}


def test_without_a_log_lines_are_on_stdout(planner: Run) -> None:
    with service_up(lambda _: 202) as service:
        ran = planner(*COMMON, "--scenario", "C", "--dispatcher", service.url, *FAST, "--hour", "2026-06-01T00:00Z")
    assert ran.code == 0
    assert len([json.loads(line) for line in ran.out.splitlines()]) == 26
    assert "trace sha256" in ran.err


def test_what_failed_is_listed(planner: Run, tmp_path: Path) -> None:
    log = tmp_path / "runner.jsonl"
    with service_up(lambda asked: 422 if asked.path == "/crypto-key-gen" else 200) as service:
        ran = planner(*COMMON, "--scenario", "A", "--region", f"here={service.url}", *FAST, "--log", log)
    assert ran.code == 1
    assert "failed: 20260601T00-crypto-key-gen-00" in ran.out


def test_b_reads_the_map_that_planner_made(planner: Run, tmp_path: Path) -> None:
    instance, hour_map, log = (tmp_path / name for name in ("instance.json", "map.csv", "runner.jsonl"))
    planner("protocol", "trace", "--days", "1", "--instance", instance)
    assert planner("map", instance, "-o", hour_map).code == 0
    with service_up() as service:
        urls = [part for name in REGIONS for part in ("--region", f"{name}={service.url}/{name}")]
        ran = planner(*COMMON, "--scenario", "B", *urls, "--map", hour_map, "--hours", "3", *FAST, "--log", log)
    assert (ran.code, len(service.asked)) == (0, 78)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scenario", "A"], "A needs one --region"),
        (["--scenario", "A", "--region", "here"], "NAME=URL"),
        (["--scenario", "A", "--region", "a=http://a", "--hour", "2026-06-01T00:30Z"], "full hour"),
        (["--scenario", "A", "--region", "a=http://a", "--clock", "noon"], "clock"),
    ],
)
def test_what_it_cannot_run_with_is_said(planner: Run, options: list[str], said: str) -> None:
    ran = planner(*COMMON, *options)
    assert ran.code == 2
    assert said in ran.err


def test_a_secret_is_needed(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANNER_TOKEN")
    ran = planner(*COMMON, "--scenario", "A", "--region", "a=http://a")
    assert ran.code == 2
    assert "PLANNER_TOKEN" in ran.err


def test_an_extra_that_is_not_installed_is_named(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = util.find_spec
    monkeypatch.setattr("planner.extras.find_spec", lambda name: None if name == "httpx" else found(name))
    ran = planner(*COMMON, "--scenario", "A", "--region", "a=http://a")
    assert ran.code == 2
    assert "planner[serve]" in ran.err
