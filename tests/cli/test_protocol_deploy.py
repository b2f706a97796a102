import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Ran

Run = Callable[..., Ran]
EXPERIMENT = ROOT / "deploy" / "gcp" / "experiment.json"


def lines(text: str) -> list[str]:
    """Commands of a script."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


@pytest.fixture
def gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gcloud that writes down what it is called with, and fails where a file `fail` says so."""
    program, calls = tmp_path / "bin" / "gcloud", tmp_path / "calls"
    program.parent.mkdir()
    program.write_text(
        f"""#!/bin/sh
printf 'gcloud' >> {calls}; printf '\\t%s' "$@" >> {calls}; echo >> {calls}
case "$*" in "$(cat {tmp_path}/fail 2>/dev/null || echo none)"*) exit 1;; esac
"""
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return calls


def test_a_dry_run_prints_every_command_and_runs_none(planner: Run, gcloud: Path) -> None:
    ran = planner("protocol", "deploy", EXPERIMENT, "--dry-run")
    assert ran.code == 0
    assert all(shlex.split(line)[0] == "gcloud" for line in lines(ran.out))
    assert "# scenario C: the queue and the dispatcher" in ran.out
    assert not gcloud.exists()


def test_what_is_run_is_what_a_dry_run_prints(planner: Run, gcloud: Path) -> None:
    shown = planner("protocol", "deploy", EXPERIMENT, "--dry-run", "--scenarios", "C")
    ran = planner("protocol", "deploy", EXPERIMENT, "--scenarios", "C")
    assert ran.code == 0, ran.err
    assert [call.split("\t") for call in gcloud.read_text().splitlines()] == [
        shlex.split(line) for line in lines(shown.out)
    ]


def test_after_a_failure_it_goes_on_where_it_stopped(planner: Run, gcloud: Path, tmp_path: Path) -> None:
    (tmp_path / "fail").write_text("builds submit")
    ran = planner("protocol", "deploy", EXPERIMENT, "--scenarios", "A")
    assert ran.code == 7
    assert "--from 3" in ran.err
    assert len(gcloud.read_text().splitlines()) == 3
    (tmp_path / "fail").unlink()
    assert planner("protocol", "deploy", EXPERIMENT, "--scenarios", "A", "--from", "3").code == 0
    total = len(lines(planner("protocol", "deploy", EXPERIMENT, "--scenarios", "A", "--dry-run").out))
    assert len(gcloud.read_text().splitlines()) == total + 1


def test_without_gcloud_it_says_so(planner: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = planner("protocol", "deploy", EXPERIMENT)
    assert ran.code == 2
    assert "--dry-run" in ran.err
    assert planner("protocol", "deploy", EXPERIMENT, "--scenarios", "A,D").code == 2
