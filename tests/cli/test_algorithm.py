"""`solve --algorithm`: what solved the relaxation is told, and a wrong name is a usage error."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Planner = Callable[..., Ran]


@pytest.mark.parametrize(("asked", "told"), [("auto", "simplex"), ("simplex", "simplex"), ("ipm", "ipm")])
def test_the_answer_and_the_plan_tell_the_algorithm(
    planner: Planner, two_hours_file: Path, tmp_path: Path, asked: str, told: str
) -> None:
    plan = tmp_path / "plan.json"
    answer = json.loads(planner("solve", two_hours_file, "--algorithm", asked, "--json", "-o", plan).out)
    assert answer["algorithm"] == told
    assert json.loads(plan.read_text())["solver_options"]["algorithm"] == told


def test_an_unknown_algorithm_is_a_usage_error(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("solve", two_hours_file, "--algorithm", "magic")
    assert ran.code == 2
    assert "simplex, ipm, hipo" in ran.err


def test_a_bound_may_name_its_algorithm_too(planner: Planner, two_hours_file: Path) -> None:
    values = [
        json.loads(planner("bound", two_hours_file, "--algorithm", name, "--json").out)["bounds"]["certified"]
        for name in ("simplex", "ipm")
    ]
    assert values == pytest.approx([0.1, 0.1])
    assert planner("bound", two_hours_file, "--algorithm", "magic").code == 2


def test_the_text_says_which_algorithm_it_was(planner: Planner, two_hours_file: Path) -> None:
    assert "algorithm   ipm" in planner("solve", two_hours_file, "--algorithm", "ipm").out
