"""`planner report` after a campaign that was really run."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.bounds.anchors import worst_plan
from planner.cli.main import main
from planner.io.instances import instance_sha256, load_instance
from planner.metrics.gaps import GapRow, gap_table
from planner.solve.oracle import solve
from planner.verify.judge import check
from tests.browser import WIDTHS, opened, stumbles
from tests.conftest import Ran

SUITE = """
schema = "planner.suite/1"
name = "little"
gap = 0.01
policies = ["greedy", "wait-awhile"]
[[products]]
instances = ["jobs/interruptible-day"]
axes.slack = [0]      # infeasible
[[products]]
instances = ["tiny/waiting"]
[[products]]
grids = [{ regions = 6, origins = 2, workloads = 2, hours = 72, capacity = 1.2 }]
axes.forecast = ["persistence", "noisy:error=0.4"]
axes.seed = [3]
"""
Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign")
    (folder / "little.toml").write_text(SUITE, encoding="utf-8")
    assert main(["campaign", "run", str(folder / "little.toml"), "-o", str(folder / "out"), "-q"]) == 1
    assert main(["campaign", "collect", str(folder / "out"), "-q"]) == 0
    return folder / "out"


@pytest.fixture(scope="module")
def page(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    task = next(line["task"] for line in rows_of(campaign) if line["axis.forecast"].startswith("noisy"))
    assert main(["report", str(campaign), "-o", str(path), "--task", task[:8], "--policy", "wait-awhile", "-q"]) == 0
    return path


def rows_of(campaign: Path) -> list[dict[str, str]]:
    with (campaign / "rows.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_leaderboard_is_that_of_the_rows(planner: Run, campaign: Path) -> None:
    ran = planner("report", campaign, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["schema"] == "planner.report/1"
    assert (told["forecast"], told["tasks"]) == ("persistence", 3)
    mine = [r for r in rows_of(campaign) if r["forecast"] == "persistence" and r["gap_to_bound"]]
    for line in told["leaderboard"]:
        gaps = [float(r["gap_to_bound"]) for r in mine if r["policy"] == line["policy"]]
        assert line["compared"] == len(told["compared"]) == 2
        assert line["rule_broken"] + len(gaps) == 2
        assert line["gap"]["max"] == (max(gaps) if len(gaps) == 2 else None)
    assert {line["policy"] for line in told["leaderboard"]} == {"greedy", "wait-awhile", "optimum", "worst"}


def test_page_latex_csv_and_picture_at_once(planner: Run, campaign: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"report{ending}" for ending in (".html", ".tex", ".csv", ".svg")]
    ran = planner(
        "report", campaign, "--no-map", "--title", "A < B", *(word for file in files for word in ("-o", file))
    )
    assert (ran.code, ran.err.count("wrote")) == (0, 4)
    assert "<title>A &lt; B</title>" in files[0].read_text(encoding="utf-8")
    assert "A \\textless{} B." in files[1].read_text(encoding="utf-8")
    assert "greedy" in files[2].read_text(encoding="utf-8")
    assert "A < B" in files[3].read_text(encoding="utf-8") or "A &lt; B" in files[3].read_text(encoding="utf-8")
    assert "greedy" in ran.out


def test_the_map_is_that_of_the_task(page: Path, campaign: Path) -> None:
    html = page.read_text(encoding="utf-8")
    data = json.loads(re.findall(r'id="map-data">(.*?)</script>', html)[0])
    assert len(data["regions"]) == 6
    assert data["titles"] == ["carbon intensity", "oracle", "wait-awhile"]
    assert html.count("is that of the table.") == 2  # both objectives came out as they stand in the rows
    assert "noisy:error=0.4 in each zone of" in html


def test_the_infeasible_task_is_told(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert "failed: Infeasible: no plan satisfies the instance" in html
    assert "1 of 3 instances are left out" in html


def as_row(row: GapRow) -> dict[str, Any]:
    """What a campaign would write of it."""
    same = ("policy", "regime", "gap_to_bound", "bound", "error")
    total, rules = row.objective.total if row.objective else None, ";".join(v.rule for v in row.violations)
    more = {"total": total, "violations": rules, "forecast": "persistence", "verified": True}
    return {name: getattr(row, name) for name in same} | more


def test_a_shipped_instance_needs_no_folder(planner: Run, tmp_path: Path) -> None:
    instance = load_instance("tiny/waiting")
    result = solve(instance)
    plan = worst_plan(instance)
    worst = None if plan is None else check(instance, plan).objective
    found = gap_table(instance, ["greedy", "threshold"], result=result, worst=worst)
    sha256 = instance_sha256(instance)
    lines = [{"task": "only", "instance": instance.name, "instance_sha256": sha256} | as_row(r) for r in found]
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    ran = planner("report", tmp_path / "rows.csv", "-o", tmp_path / "report.html")
    assert ran.code == 0
    assert (tmp_path / "report.html").read_text(encoding="utf-8").count("is that of the table.") == 2


def test_an_instance_that_has_gone_is_told(planner: Run, campaign: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes((campaign / "rows.csv").read_bytes())
    assert planner("report", tmp_path, "-o", tmp_path / "report.html").code == 0
    assert "No map: neither the campaign" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-o", "report.txt"], (2, "must end in one of .html, .tex, .csv, .png")),
        (["-o", "report.html", "--task", "zzz"], (2, "0 tasks begin so")),
        (["-o", "report.html", "--policy", "nobody"], (2, "no row of it on task")),
        (["-o", "no/such/folder/report.csv"], (3, "No such file or directory")),
    ],
)
def test_what_cannot_be_done_is_told(
    planner: Run, campaign: Path, empty: Path, arguments: list[str], expected: tuple[int, str]
) -> None:
    code, told = expected
    ran = planner("report", campaign, *arguments)
    assert (ran.code, "Traceback" in ran.err) == (code, False)
    assert told in ran.err
    assert list(empty.iterdir()) == []


def test_a_folder_that_is_none_of_a_campaign(planner: Run, tmp_path: Path) -> None:
    ran = planner("report", tmp_path, "-o", tmp_path / "report.html")
    assert (ran.code, list(tmp_path.iterdir())) == (3, [])
    assert "planner campaign collect" in ran.err
    assert planner("report", tmp_path / "none.csv").code == 3


@pytest.mark.parametrize(("width", "scheme"), [(WIDTHS[0], "light"), (WIDTHS[1], "dark")])
def test_a_screen_reader_finds_its_way(chromium: Any, page: Path, width: int, scheme: str) -> None:
    with opened(chromium, page, width=width, scheme=scheme) as shown:
        assert stumbles(shown) == ""
        assert shown.locator("#all-instances tbody tr").count() == 4
        assert shown.locator("#all-rows tbody tr").count() == 13
