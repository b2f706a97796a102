"""Stdout is for data: what libraries print there goes elsewhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHATTY = """
import os
from planner.policies.greedy import Greedy

class Chatty(Greedy):
    def decide(self, view):
        os.write(1, b"a C library says so\\n")
        return super().decide(view)
"""
COMMAND = [sys.executable, "-m", "planner", "replay", "tiny/waiting", "--json", "--policy"]


def test_what_a_library_prints_does_not_reach_the_data(tmp_path: Path) -> None:
    path = tmp_path / "chatty.py"
    path.write_text(CHATTY, encoding="utf-8")
    ran = subprocess.run([*COMMAND, f"{path}:Chatty"], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["schema"] == "planner.replay/1"
    assert "a C library says so" in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_data_that_cannot_be_written_are_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*COMMAND, "greedy"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 3
    assert "No space left" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_closed_stdout_is_no_defect() -> None:
    line = " ".join([*COMMAND, "greedy", ">&-"])
    ran = subprocess.run(["sh", "-c", line], stderr=subprocess.PIPE, text=True, check=False)
    assert "Traceback" not in ran.stderr
    assert ran.returncode == 0
