import csv
from pathlib import Path

import pytest

from planner.io.instances import load_instance
from planner.io.library import shipped_instances
from planner.solve.oracle import solve

TINY = Path(__file__).parents[2] / "instances" / "tiny"
ROWS = list(csv.DictReader((TINY / "optima.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_optimum_is_the_hand_value(row: dict[str, str]) -> None:
    instance = load_instance(row["name"])
    found = solve(instance, gap=1e-9)
    assert found.objective.total == pytest.approx(float(row["optimum_total"]), rel=1e-9)
    assert instance.notes[0] == row["reason"]


def test_every_tiny_instance_has_a_hand_value() -> None:
    assert [r["name"] for r in ROWS] != []
    assert sorted(r["name"] for r in ROWS) == [n for n in shipped_instances() if n.startswith("tiny/")]
