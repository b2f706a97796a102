"""From downloaded files to plan, gaps and maps, as a user would: build, solve, gap, map."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(params=["six-zone-fortnight", "six-zone-fortnight-summer"])
def built(request: pytest.FixtureRequest, planner: Callable, shared_data: Path, tmp_path: Path) -> Path:
    path = tmp_path / "real.json.gz"
    assert planner("instance", "build", f"real/{request.param}", "--data", shared_data, "-o", path).code == 0
    return path


def test_a_real_instance_is_solved_measured_and_mapped(planner: Callable, built: Path, tmp_path: Path) -> None:
    plan, limits = tmp_path / "plan.json.gz", ("--time-limit", "60", "--gap", "1e-3")
    solved = planner("solve", built, *limits, "-o", plan, "--json")
    assert solved.code == 0
    assert json.loads(solved.out)["gap"]["solver"] <= 1e-3
    assert planner("check", built, plan).code == 0

    measured = planner("gap", built, "--plan", plan, *limits, "--json")
    assert measured.code == 0
    rows = {row["policy"]: row for row in json.loads(measured.out)["rows"]}
    assert rows["greedy"]["gap_to_bound"] >= rows["optimum"]["gap_to_bound"]
    assert all(bool(row["violations"]) == (row["gap_to_bound"] is None) for row in rows.values())

    for option in ((), ("--per-workload",), ("--max-switches", "6", "--min-dwell", "12")):
        mapped = planner("map", built, *option, "--json")
        assert mapped.code == 0
        assert json.loads(mapped.out)["map"]
