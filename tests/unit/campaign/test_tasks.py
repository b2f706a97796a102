"""Tasks: the product of the axes, named by what determines their rows."""

from pathlib import Path

import pytest

from planner.campaign.dependence import Given, asked
from planner.campaign.sources import Bases
from planner.campaign.store import Folder
from planner.campaign.suite import load_suite
from planner.campaign.task import Cell, cells, shuffled
from planner.errors import InvalidInput, UsageError
from tests.unit.campaign.conftest import SUITE


def made(suite: Path, tmp_path: Path) -> list[Cell]:
    folder = Folder(tmp_path / "made")
    folder.prepare()
    return cells(load_suite(suite)[0], Bases(folder), source=str(suite))


def keys(found: list[Cell]) -> list[str]:
    return [cell.task.key for cell in found]


def test_the_product_in_the_order_of_the_file(suite: Path, tmp_path: Path) -> None:
    found = made(suite, tmp_path)
    assert [dict(cell.axes) for cell in found[:3]] == [
        {"forecast": "persistence", "seed": "0"},
        {"forecast": "persistence", "seed": "1"},
        {"forecast": "noisy:error=0.5", "seed": "0"},
    ]
    assert [(c.instance, c.periods) for c in found[4:]] == [
        ("grid/2r-2o-2w-36h-60m-seed0[0:30]", 30),
        ("grid/2r-2o-2w-36h-60m-seed1[0:30]", 30),
        ("grid/2r-2o-2w-36h-60m-seed0[24:30]", 6),
        ("grid/2r-2o-2w-36h-60m-seed1[30:36]", 6),  # the second seed begins `shift` hours later
    ]
    assert len(set(keys(found))) == 8


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('policies = ["greedy", ', "policies = ["),
        ('policies = ["greedy"', 'gap = 1e-3\npolicies = ["greedy"'),
        ('policies = ["greedy"', 'time_limit = 60\npolicies = ["greedy"'),
        ("error=0.5", "error=0.6"),
        ("seed = [0, 1]", "seed = [2, 3]"),
        ('"tiny/waiting"', '"tiny/residency"'),
    ],
)
def test_what_determines_the_rows_is_in_the_name(old: str, new: str, suite: Path, tmp_path: Path) -> None:
    before = keys(made(suite, tmp_path))
    suite.write_text(SUITE.replace(old, new, 1))
    assert keys(made(suite, tmp_path))[2] != before[2]


def test_labels_and_new_values_leave_names_as_they_are(suite: Path, tmp_path: Path) -> None:
    before = keys(made(suite, tmp_path))
    renamed = SUITE.replace('"tiny"', '"other"').replace("axes.part = { first", "axes.piece = { one")
    suite.write_text(renamed.replace("axes.seed = [0, 1]", "axes.seed = [0, 1, 2]", 1))
    after = keys(made(suite, tmp_path))
    assert len(after) == 10
    assert set(before) < set(after)


def test_a_file_that_a_policy_is_read_from_is_part_of_it(suite: Path, policies: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace('"greedy"', f'"{policies}:Idle"'))
    before = keys(made(suite, tmp_path))
    policies.write_text(policies.read_text() + "# another line\n")
    assert not set(before) & set(keys(made(suite, tmp_path)))


def test_combinations_that_come_to_the_same_are_one_task(suite: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE + "\n[[products]]\ninstances = ['tiny/waiting']\naxes.slack = [0, 1]\n")
    found = made(suite, tmp_path)
    assert len(found) == 9  # slack 1 changes nothing, and persistence and seed 0 are the defaults


def test_one_task_of_each_instance_comes_before_the_second_of_any(suite: Path, tmp_path: Path) -> None:
    given = [cell.task for cell in made(suite, tmp_path)]
    tasks = shuffled(given)
    assert len({task.instance_sha256 for task in tasks[:5]}) == 5
    assert sorted(tasks, key=given.index) == given != tasks
    assert shuffled(given) == tasks


def test_what_a_policy_asks() -> None:
    given = Given("noisy:error=0.1", 3)
    assert asked("greedy", given) == Given("", 0)
    assert asked("wait-awhile", given) == given
    assert asked("wait-awhile", Given("persistence", 3)) == Given("persistence", 0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hours = 6, shift = 6", "hours = 40, shift = 6", "/products/1/axes: found part = last.*not within"),
        ("hours = 6, shift = 6", "hours = 6, shift = 0.5", "/products/1/axes: .*not a whole number"),
        ('"greedy"', '"greedy:depth=3"', "/products/0: found greedy has no parameter 'depth'"),
        ('"noisy:error=0.5"', '"noisy:error=-1"', "/products/0: .*error=-1"),
    ],
)
def test_what_an_instance_does_not_take_is_named(old: str, new: str, said: str, suite: Path, tmp_path: Path) -> None:
    suite.write_text(SUITE.replace(old, new))
    with pytest.raises(InvalidInput, match=f"tiny.toml: {said}"):
        made(suite, tmp_path)


def test_a_recipe_needs_its_data_once(suite: Path, tmp_path: Path, shared_data: Path) -> None:
    name = "real/six-zone-fortnight"
    suite.write_text(SUITE.replace("tiny/waiting", name))
    with pytest.raises(UsageError, match="--data DIR"):
        made(suite, tmp_path)
    folder = Folder(tmp_path / "made")
    first = Bases(folder, shared_data).of(name, 0)
    assert first.instance.periods == 336
    assert Bases(folder).of(name, 0).file == first.file
