"""replay --requests, gap --requests, --seeds: answers, exit codes, files."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from planner.io.instances import save_instance
from tests.conftest import Ran
from tests.unit.replay.small import job, small

Planner = Callable[..., Ran]
ROW = {
    "latency_ms",
    "mean_carbon_intensity_g_per_kwh",
    "slo_violation_rate",
    "requests_by_region",
    "by_workload",
    "utilisation",
    "queueing_ms",
    "seed",
}
WEEK = "seed/five-region-week"
DAY = (WEEK, "--hours", "24")


def answer(ran: Ran) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ran.out)
    return document


def test_replay_json_has_the_published_shape(planner: Planner) -> None:
    ran = planner("replay", *DAY, "--requests", "--policy", "latency-first", "--json")
    document = answer(ran)
    assert (ran.code, document["schema"], document["seed"]) == (0, "planner.replay/1", 42)
    (row,) = document["rows"]
    assert set(row) >= ROW
    assert set(row["latency_ms"]) == {"mean", "p50", "p95", "p99"}
    assert set(row["by_workload"]) == {"bert_base", "bert_large", "resnet50"}
    assert row["utilisation"]["US-East"] is None  # no limit
    assert sum(row["requests_by_region"].values()) == row["requests"] == 4800
    assert row["regime"] == "none"


def test_replay_takes_the_studys_rules(planner: Planner) -> None:
    rows = answer(planner("replay", *DAY, "--requests", "--json"))["rows"]
    names = [row["policy"] for row in rows]
    assert len(names) == 9
    assert names[0] == "latency-first"
    assert "constrained-hybrid-published" in names
    assert rows[0]["reduction_vs_latency_first"] == 0


def test_seed_changes_the_draw(planner: Planner) -> None:
    ask = ("replay", *DAY, "--requests", "--policy", "latency-first", "--json")
    one, two, again = (answer(planner(*ask, "--seed", s))["rows"][0]["latency_ms"] for s in "121")
    assert one == again != two


@pytest.mark.parametrize(("text", "expected"), [("0..2", [0, 1, 2]), ("5,3", [5, 3]), ("7", [7])])
def test_seeds(planner: Planner, text: str, expected: list[int]) -> None:
    ask = ("--requests", "--policy", "constrained-hybrid", "--policy", "latency-first", "--seeds", text)
    document = answer(planner("replay", *DAY, *ask, "--json"))
    assert [row["seed"] for row in document["rows"]] == [seed for seed in expected for _ in range(2)]
    if len(expected) == 1:
        assert "summary" not in document
        return
    line = document["summary"][0]
    rates = [row["slo_violation_rate"] for row in document["rows"] if row["policy"] == "constrained-hybrid"]
    assert (line["policy"], line["seeds"]) == ("constrained-hybrid", len(expected))
    assert line["slo_violation_rate"]["mean"] == pytest.approx(sum(rates) / len(rates))
    assert line["slo_violation_rate"]["half_width"] > 0
    assert line["objective"]["half_width"] == 0
    text_of = planner("replay", *DAY, *ask).out.splitlines()
    assert [words.split()[:2] for words in text_of[2:]] == [
        ["constrained-hybrid", str(len(expected))],
        ["latency-first", str(len(expected))],
    ]


@pytest.mark.parametrize("text", ["9..0", "a..b", "1..", "0..99999", ""])
def test_seeds_that_are_none(planner: Planner, text: str) -> None:
    ran = planner("replay", *DAY, "--seeds", text)
    assert ran.code == 2
    assert "0..9" in ran.err


def test_seed_and_seeds(planner: Planner) -> None:
    assert planner("replay", *DAY, "--seed", "1", "--seeds", "0..1").code == 2


def test_seeds_of_the_hourly_replay(planner: Planner, two_hours_file: Path) -> None:
    document = answer(planner("replay", two_hours_file, "--policy", "greedy", "--seeds", "0..1", "--json"))
    assert [row["seed"] for row in document["rows"]] == [0, 1]
    assert document["summary"][0]["objective"] == {"mean": 0.5, "half_width": 0.0}
    assert document["summary"][0]["latency_mean_ms"] is None


def test_hourly_rows_keep_the_seed_0(planner: Planner, two_hours_file: Path) -> None:
    assert answer(planner("replay", two_hours_file, "--policy", "greedy", "--json"))["seed"] == 0
    assert answer(planner("gap", two_hours_file, "--policy", "greedy", "--json"))["seed"] == 0


def test_queues_are_told_where_pools_have_limits(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("replay", two_hours_file, "--requests", "--policy", "greedy")
    assert ran.code == 0
    assert "mean wait ms" in ran.out
    assert "here busy" in ran.out
    assert "mean wait ms" not in planner("replay", *DAY, "--requests", "--policy", "greedy").out


def test_a_policy_that_fails_leaves_the_others(planner: Planner, tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    save_instance(small([[100]], [5], jobs=(job("j", release=0, deadline=0, length=1),)), path)
    ask = ("replay", path, "--requests", "--policy", "constrained-hybrid-published", "--policy", "latency-first")
    ran = planner(*ask)
    assert ran.code == 3
    assert "has jobs" in ran.out
    failed, stands = answer(planner(*ask, "--json"))["rows"]
    assert "has jobs" in failed["error"]
    assert stands["latency_ms"]["mean"] == 20.0
    assert planner("replay", path, "--requests").code == 0  # by itself it leaves out what cannot run
    assert planner("gap", path, "--requests", "--all").code == 0


def test_by_the_hour_the_published_rule_is_refused_and_not_taken_by_itself(planner: Planner) -> None:
    ran = planner("replay", *DAY, "--policy", "constrained-hybrid-published")
    assert ran.code == 3
    assert "replay with --requests" in ran.out
    rows = answer(planner("replay", *DAY, "--json"))["rows"]
    assert "constrained-hybrid-published" not in [row["policy"] for row in rows]


def test_gap_prints_the_request_level_bound_beside_the_seven(planner: Planner) -> None:
    ran = planner("gap", WEEK, "--requests")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert sum("bound," in line for line in lines) == 2
    document = answer(planner("gap", WEEK, "--requests", "--json"))
    assert (document["schema"], document["bound_information"]) == ("planner.gap/1", "request")
    rows = {row["policy"]: row for row in document["rows"]}
    assert len(rows) == 9
    assert all(row["bound_kind"] == "equal-violation-rate" and row["gap_to_bound"] >= 0 for row in rows.values())
    assert rows["constrained-hybrid-published"]["gap_to_bound"] == pytest.approx(0.0908, abs=1e-4)
    assert rows["constrained-hybrid"]["gap_to_bound"] == pytest.approx(0.0757, abs=1e-4)
    fewest, any_ = document["request_bounds"]
    assert set(fewest["violations"].values()) == {0}
    assert fewest["total"] == pytest.approx(rows["latency-first"]["bound"], rel=1e-12)
    assert any_["total"] == pytest.approx(rows["carbon-first"]["bound"], rel=1e-12)


@pytest.mark.parametrize("kind", ["csv", "json", "png"])
def test_gap_writes_files(planner: Planner, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"gap.{kind}"
    ran = planner("gap", *DAY, "--requests", "--policy", "latency-first", "--policy", "carbon-first", "-o", path)
    assert ran.code == 0
    assert path.stat().st_size > 100


def test_gap_refuses_a_stored_plan_and_knows_max_gap(planner: Planner, tmp_path: Path) -> None:
    assert planner("gap", *DAY, "--requests", "--plan", tmp_path / "plan.json").code == 2
    ask = ("gap", *DAY, "--requests", "--policy", "latency-first", "--max-gap")
    assert (planner(*ask, "0.5").code, planner(*ask, "5").code) == (1, 0)


def test_too_many_requests(planner: Planner) -> None:
    ran = planner("replay", "seed/five-region-week-tight", "--requests")
    assert ran.code == 2
    assert "take fewer hours" in ran.err
