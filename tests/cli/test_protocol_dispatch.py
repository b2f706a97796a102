from collections.abc import Callable
from importlib import util
from pathlib import Path

import pytest

from planner.data.faas import REGIONS
from tests.conftest import Ran

Run = Callable[..., Ran]
INSTANCE = "faas/protocol-week"
URLS = [part for name in REGIONS for part in ("--region", f"{name}=http://127.0.0.1:9")]
PREFIX = ["--prefix", "gs://bucket/data"]


def test_without_a_secret_it_does_not_start(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANNER_TOKEN", raising=False)
    ran = planner("protocol", "dispatch", INSTANCE, *PREFIX, *URLS)
    assert ran.code == 2
    assert "PLANNER_TOKEN" in ran.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (URLS[2:], "no URL for us-west1"),
        (["--region", "europe-west1"], "NAME=URL"),
        (["--region", "europe-west1=ftp://host"], "NAME=URL"),
        ([*URLS, "--policy", "treshold"], "threshold"),
        ([*URLS, "--cloud-tasks", "projects/p/locations/l/queues/q"], "--own-url"),
        ([*URLS, "--caller", "a@b.example"], "--own-url"),
    ],
)
def test_what_it_cannot_start_with_is_said(
    planner: Run, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.setenv("PLANNER_TOKEN", "secret")
    ran = planner("protocol", "dispatch", INSTANCE, *PREFIX, *options)
    assert ran.code == 2
    assert said in ran.err


def test_another_instance_is_refused(planner: Run, monkeypatch: pytest.MonkeyPatch, two_hours_file: Path) -> None:
    monkeypatch.setenv("PLANNER_TOKEN", "secret")
    ran = planner("protocol", "dispatch", two_hours_file, *PREFIX, *URLS, "--region", "here=http://127.0.0.1:9")
    assert ran.code == 2
    assert "no such function" in ran.err


def test_an_extra_that_is_not_installed_is_named(planner: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found = util.find_spec
    monkeypatch.setattr("planner.extras.find_spec", lambda name: None if name == "fastapi" else found(name))
    ran = planner("protocol", "dispatch", INSTANCE, *PREFIX)
    assert ran.code == 2
    assert "planner[serve]" in ran.err
