"""`campaign run|status|collect` as typed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Ran

Planner = Callable[..., Ran]
SUITE = """
schema = "planner.suite/1"
name = "two"
policies = ["greedy"]

[[products]]
instances = ["tiny/waiting", "tiny/residency"]
axes.slack = [0, 1]
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "two.toml"
    path.write_text(SUITE)
    return path


def test_from_a_suite_to_tables(planner: Planner, suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "results"
    ran = planner("campaign", "run", suite, "-o", folder, "--only", "slack=0")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == "2 tasks done: 6 rows, 6 verified, 0 with an error"
    told = planner("campaign", "status", folder)
    assert told.out.startswith("two: 2 of 3 tasks done, 0 min 0")  # slack changes nothing for tiny/residency
    collected = planner("campaign", "collect", folder)
    assert "1 tasks are not done yet" in collected.err
    assert planner("campaign", "run", suite, "-o", folder, "--json").code == 0
    assert planner("campaign", "status", folder).out.startswith("two: 3 of 3 tasks done\n")
    answer = json.loads(planner("campaign", "collect", folder, "--no-parquet", "--json").out)
    assert (answer["rows"], answer["verified"], answer["missing"]) == (9, 9, 0)
    assert [Path(file).name for file in answer["files"]] == ["rows.csv", "timings.csv"]


def test_progress_is_a_line_for_each_task(planner: Planner, suite: Path, tmp_path: Path) -> None:
    shown = planner("campaign", "run", suite, "-o", tmp_path / "one", "-v").err.splitlines()
    assert [line.split("s  ")[1].split(",")[0] for line in shown] == ["1/3 tasks", "2/3 tasks", "3/3 tasks"]
    assert planner("campaign", "run", suite, "-o", tmp_path / "two", "-v", "--no-progress").err == ""


def test_an_error_in_a_row_is_an_exit_code(planner: Planner, suite: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from planner.policies.greedy import Greedy\n\n\nclass Fails(Greedy):\n"
        "    def decide(self, view):\n        raise RuntimeError('out of ideas')\n"
    )
    suite.write_text(SUITE.replace("greedy", f"{tmp_path / 'mine.py'}:Fails"))
    ran = planner("campaign", "run", suite, "-o", tmp_path / "results", "-v")
    assert ran.code == 1
    assert "9 rows, 6 verified, 3 with an error" in ran.out
    assert "1 errors: logs/" in ran.err


@pytest.mark.parametrize(
    ("wrong", "code", "said"),
    [
        (SUITE.replace("two", "two words"), 3, "/name"),
        (SUITE.replace("greedy", "gredy"), 3, "did you mean greedy"),
        (SUITE.replace("tiny/waiting", "tiny/waitin"), 2, "did you mean 'tiny/waiting'"),
        (SUITE.replace("tiny/waiting", "real/six-zone-fortnight"), 2, "--data DIR"),
    ],
)
def test_a_wrong_suite_is_told(planner: Planner, suite: Path, wrong: str, code: int, said: str) -> None:
    suite.write_text(wrong)
    ran = planner("campaign", "run", suite, "-o", suite.parent / "results")
    assert (ran.code, said in ran.err) == (code, True)
    assert not (suite.parent / "results" / "campaign.json").exists()


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--only", "slack", "write AXIS=VALUE"),
        ("--only", "slack=7", "expected one of '0', '1'"),
        ("--executor", "threads", "no executor 'threads'"),
        ("--scheduler", "tcp://there:1", "goes with --executor dask"),
    ],
)
def test_a_wrong_option_is_told(planner: Planner, suite: Path, option: str, value: str, said: str) -> None:
    ran = planner("campaign", "run", suite, "-o", suite.parent / "results", option, value)
    assert (ran.code, said in ran.err) == (2, True)


def test_a_folder_without_a_campaign(planner: Planner, tmp_path: Path) -> None:
    for command in ("status", "collect"):
        ran = planner("campaign", command, tmp_path)
        assert ran.code == 3
        assert "no campaign.json" in ran.err


def test_an_unknown_suite(planner: Planner, tmp_path: Path) -> None:
    ran = planner("campaign", "run", "smok", "-o", tmp_path)
    assert (ran.code, "shipped are elsewhere, forecast-error, paper, smoke" in ran.err) == (2, True)
