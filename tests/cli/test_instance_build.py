from collections.abc import Callable
from pathlib import Path

import pytest

from planner.io.instances import load_instance


def test_grid_is_generated_as_asked(planner: Callable, tmp_path: Path) -> None:
    path = tmp_path / "g.json.gz"
    size = ["--regions", "3", "--origins", "2", "--hours", "4", "--step", "30", "--workloads", "2"]
    kind = ["--provisioning", "--unsplittable", "--capacity", "2.5", "--seed", "7"]
    ran = planner("instance", "generate", "grid", *size, *kind, "-o", path)
    assert ran.code == 0
    assert ran.out == ""
    found = load_instance(path)
    assert (len(found.regions), len(found.origins), found.periods, len(found.workloads)) == (3, 2, 8, 2)
    assert found.provisioning
    assert not any(w.splittable for w in found.workloads)
    assert found.step_minutes == 30


def test_five_region_study_is_generated_at_any_size(planner: Callable, tmp_path: Path) -> None:
    path = tmp_path / "five.json"
    size = ["--hours", "24", "--requests-per-hour", "50", "--seed", "1"]
    assert planner("instance", "generate", "five-region", *size, "-o", path).code == 0
    assert len(load_instance(path).request_log.origin) == 24 * 50


def test_shipped_instance_is_made_again(planner: Callable, tmp_path: Path) -> None:
    path = tmp_path / "again.json"
    assert planner("instance", "generate", "shipped", "jobs/batch-day", "-o", path).code == 0
    assert load_instance(path).name == "jobs/batch-day"
    ran = planner("instance", "generate", "shipped", "tiny/one-hour", "-o", path)
    assert ran.code == 2
    assert "jobs/batch-day" in ran.err


def test_recipe_is_built_into_out_by_default(
    planner: Callable, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = planner("instance", "build", "real/six-zone-fortnight", "--data", shared_data)
    assert ran.code == 0
    assert "6 files" in ran.err
    assert load_instance(tmp_path / "out" / "six-zone-fortnight.json.gz").periods == 336


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["build", "real/none", "--data", "."], 2, "real/six-zone-fortnight"),
        (["build", "real/six-zone-fortnight", "--data", "."], 3, "gcp_regions.csv"),
        (["generate", "grid", "--step", "7", "-o", "x.json"], 2, "60 minutes"),
        (["generate", "grid", "--regions", "0", "-o", "x.json"], 2, "regions"),
    ],
)
def test_what_cannot_be_made_is_told(planner: Callable, arguments: list, code: int, told: str) -> None:
    ran = planner("instance", *arguments)
    assert ran.code == code
    assert told in ran.err
