"""policy sweep: answers, exit codes, files."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Planner = Callable[..., Ran]
COMMAND = ("policy", "sweep", "edge/carbonedge-three-nodes", "--parameter", "w_carbon", "--points", "3")


def test_the_weight_sweep_of_carbon_edge(planner: Planner) -> None:
    ran = planner(*COMMAND, "--policy", "carbon-edge", "--policy", "carbon-edge:normalised=true", "--json")
    answer = json.loads(ran.out)
    assert ran.code == 0
    assert answer["schema"] == "planner.policy-sweep/1"
    assert answer["values"] == [0, 0.5, 1]
    assert [row["policy"] for row in answer["rows"]] == [
        "optimum",
        *(f"carbon-edge:w_carbon={w}" for w in ("0", "0.5", "1")),
        *(f"carbon-edge:normalised=true,w_carbon={w}" for w in ("0", "0.5", "1")),
    ]
    per_gram = [row["requests_per_g"] for row in answer["rows"]]
    assert per_gram[0] == pytest.approx(245.8)
    assert per_gram[1] < 0.7 * per_gram[2] == pytest.approx(0.7 * 245.8)
    assert per_gram[4] < per_gram[5] < per_gram[6]
    assert all(row["decision_us_per_request"] > 0 for row in answer["rows"][1:])


def test_the_table_has_a_line_a_value(planner: Planner) -> None:
    ran = planner(*COMMAND, "--policy", "carbon-edge")
    assert "requests/g" in ran.out
    assert len(ran.out.strip().splitlines()) == 6


@pytest.mark.parametrize("name", ["sweep.png", "sweep.json"])
def test_files(planner: Planner, tmp_path: Path, name: str) -> None:
    assert planner(*COMMAND, "--policy", "carbon-edge", "-o", str(tmp_path / name)).code == 0
    assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--policy", "carbon-hedge"), "carbon-edge"),
        (("--policy", "greedy"), "w_carbon"),
        (("--policy", "carbon-edge", "--last", "2"), r"\[0, 1\]"),
        (("--policy", "carbon-edge", "-o", "sweep.txt"), "must end in"),
    ],
)
def test_what_is_not_known_is_refused(planner: Planner, more: tuple[str, ...], says: str) -> None:
    ran = planner(*COMMAND, *more)
    assert ran.code == 2
    assert re.search(says, ran.err)
