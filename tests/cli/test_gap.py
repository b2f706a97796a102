"""replay, gap, policy: answers, exit codes, files."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.domain.plan import HourMap
from planner.io.instances import save_instance
from planner.io.maps import save_map
from planner.policies.lowest_carbon import LowestCarbon
from tests.conftest import Ran
from tests.unit.replay.small import HOUR, job, small, workload

Planner = Callable[..., Ran]
ROW = {
    "policy", "regime", "objective", "gap_to_bound", "gap_to_best", "slo_violation_rate", "missed_rate", "violations",
    "decision_us_per_request",
}  # fmt: skip
ENVELOPE = {
    "schema",
    "instance",
    "status",
    "objective",
    "bounds",
    "gap",
    "violations",
    "seconds",
    "warnings",
    "versions",
}


@pytest.fixture
def day_file(two_hours: Instance, tmp_path: Path) -> Path:
    """Two days of `two_hours`: 1,000 requests each midnight, which may wait an hour."""
    requests = np.zeros((1, 1, 48), dtype=np.int64)
    requests[..., [0, 24]] = 1000
    carbon = np.full((1, 48), 300.0)
    carbon[:, [0, 1, 24, 25]] = [500, 100, 500, 100]
    path = tmp_path / "days.json"
    changed = two_hours.replace(requests=requests, carbon_intensity_g_per_kwh=carbon, servers=np.ones((1, 48)))
    save_instance(changed, path)
    return path


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lowest-carbon` fails in every replay."""

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(LowestCarbon, "decide", fail)


def answer(ran: Ran) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(ran.out)
    return document


def rows(ran: Ran) -> dict[str, dict[str, Any]]:
    return {row["policy"]: row for row in answer(ran)["rows"]}


def test_gap_tells_people_a_table(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("gap", two_hours_file, "--policy", "greedy", "--policy", "threshold")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "two-hours"
    assert [line.split()[0] for line in lines[1:]] == ["policy", "optimum", "greedy", "threshold", "worst"]
    assert "400 %" in lines[3]  # 0.5 kg at once, 0.1 an hour later


def test_gap_json_has_the_published_shape(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("gap", two_hours_file, "--policy", "greedy", "--json")
    document = answer(ran)
    assert document["schema"] == "planner.gap/1"
    assert set(document) >= ENVELOPE
    assert document["status"] == "optimal"
    found = rows(ran)
    assert list(found) == ["optimum", "greedy", "worst"]
    assert all(set(row) >= ROW for row in found.values())
    assert found["greedy"]["gap_to_bound"] == pytest.approx(4.0)
    assert found["greedy"]["objective"]["carbon_kg"] == pytest.approx(0.5)
    assert found["greedy"]["position"] == pytest.approx(1.0)
    assert (found["greedy"]["error"], found["greedy"]["bound_kind"]) == (None, "instance")


def test_gap_takes_every_policy_that_runs_as_it_is(planner: Planner, two_hours_file: Path) -> None:
    plain = rows(planner("gap", two_hours_file, "--json"))
    everything = rows(planner("gap", two_hours_file, "--all", "--json"))
    assert {"greedy", "threshold", "latency-first"} < set(plain)
    assert set(everything) - set(plain) == {"fixed:region=here"}
    assert not any(name.startswith("map") for name in everything)


def test_gap_refuses_policy_and_all(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("gap", two_hours_file, "--all", "--policy", "greedy")
    assert ran.code == 2


@pytest.mark.parametrize(("limit", "code"), [("3.9", 1), ("4.1", 0)])
def test_max_gap_decides_the_exit_code(planner: Planner, two_hours_file: Path, limit: str, code: int) -> None:
    ran = planner("gap", two_hours_file, "--policy", "greedy", "--max-gap", limit)
    assert ran.code == code
    assert "greedy" in ran.out


def test_max_gap_wants_a_gap(planner: Planner, tmp_path: Path) -> None:
    """`lowest-carbon` starts the job on r0 at once, where the next hour's requests have to run."""
    instance = small(
        [[100] * 4, [200] * 4],
        [[[0] * 4], [[0, HOUR, 0, 0]]],
        workloads=(workload("w0"), workload("w1", allowed_regions=("r0",))),
        servers=np.ones((2, 4)),
        jobs=(job("j", release=0, deadline=3, length=2, requests=2 * HOUR),),
    )
    save_instance(instance, tmp_path / "job.json")
    ran = planner("gap", tmp_path / "job.json", "--policy", "lowest-carbon")
    assert ran.code == 0
    assert "lowest-carbon: breaks (M1) 1 time" in ran.out
    assert planner("gap", tmp_path / "job.json", "--policy", "lowest-carbon", "--max-gap", "99").code == 1


def test_gap_of_a_stored_plan_solves_nothing(
    planner: Planner, two_hours_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert planner("solve", two_hours_file, "-o", tmp_path / "plan.json").code == 0

    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("planner.solve.oracle.solve", fail)
    ran = planner("gap", two_hours_file, "--plan", tmp_path / "plan.json", "--policy", "greedy", "--json")
    assert ran.code == 0
    assert answer(ran)["status"] == "optimal"
    assert rows(ran)["greedy"]["gap_to_bound"] == pytest.approx(4.0)


def test_gap_checks_a_stored_plan_first(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    assert planner("solve", two_hours_file, "-o", path).code == 0
    document = json.loads(path.read_text())
    document["bounds"]["certified"] = 0.2
    path.write_text(json.dumps(document))
    ran = planner("gap", two_hours_file, "--plan", path, "--policy", "greedy", "--json")
    assert ran.code == 1
    assert "bound" in {violation["rule"] for violation in answer(ran)["violations"]}
    assert planner("gap", two_hours_file, "--plan", path, "--policy", "greedy").code == 1


def test_gap_wants_a_plan_not_a_certificate(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    assert planner("bound", two_hours_file, "-o", tmp_path / "bound.json").code == 0
    ran = planner("gap", two_hours_file, "--plan", tmp_path / "bound.json")
    assert ran.code == 2
    assert "certificate" in ran.err


def test_gap_of_another_instances_plan(planner: Planner, two_hours_file: Path, day_file: Path, tmp_path: Path) -> None:
    assert planner("solve", day_file, "-o", tmp_path / "plan.json").code == 0
    assert planner("gap", two_hours_file, "--plan", tmp_path / "plan.json").code == 3


def test_gap_of_a_part(planner: Planner, day_file: Path) -> None:
    ran = planner("gap", day_file, "--from", "2026-01-02", "--hours", "2", "--policy", "greedy", "--json")
    assert ran.code == 0
    assert answer(ran)["objective"]["requests"] == 1000
    assert rows(ran)["greedy"]["gap_to_bound"] == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "yesterday"], "write a time"),
        (["--from", "2026-01-01T00:30Z"], "whole number of periods"),
        (["--from", "2027-01-01"], "not within"),
        (["--hours", "99"], "not within"),
        (["--hours", "0.5"], "whole number of periods"),
    ],
)
def test_a_part_that_is_not_there(planner: Planner, day_file: Path, options: list[str], message: str) -> None:
    ran = planner("gap", day_file, *options)
    assert ran.code == 2
    assert message in ran.err


@pytest.mark.parametrize(
    ("spec", "message"),
    [("greddy", "did you mean greedy"), ("hybrid:alpa=1", "did you mean alpha"), ("fixed:region=nowhere", "no region")],
)
@pytest.mark.parametrize("command", ["gap", "replay"])
def test_an_unknown_policy_ends_the_command_at_once(
    planner: Planner, two_hours_file: Path, command: str, spec: str, message: str
) -> None:
    ran = planner(command, two_hours_file, "--policy", "greedy", "--policy", spec)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


@pytest.mark.parametrize("command", ["gap", "replay"])
def test_an_unknown_forecaster_too(planner: Planner, two_hours_file: Path, command: str) -> None:
    ran = planner(command, two_hours_file, "--policy", "greedy", "--forecast", "perfetc")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean perfect" in ran.err


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("command", ["gap", "replay"])
def test_a_failing_policy_leaves_the_others(planner: Planner, two_hours_file: Path, command: str) -> None:
    ran = planner(command, two_hours_file, "--policy", "lowest-carbon", "--policy", "greedy", "--json")
    assert ran.code == 3
    found = rows(ran)
    assert "hour 0" in found["lowest-carbon"]["error"]
    assert found["lowest-carbon"]["objective"] is None
    assert found["greedy"]["objective"]["total"] == pytest.approx(0.5)
    assert "ZeroDivisionError" in planner(command, two_hours_file, "--policy", "lowest-carbon").out


def test_gap_writes_csv_json_and_a_picture(planner: Planner, two_hours_file: Path, tmp_path: Path) -> None:
    for name in ("gaps.csv", "gaps.json", "gaps.png"):
        ran = planner("gap", two_hours_file, "--policy", "greedy", "-o", tmp_path / name)
        assert ran.code == 0
        assert "greedy" in ran.out
    lines = list(csv.DictReader((tmp_path / "gaps.csv").read_text().splitlines()))
    assert [line["policy"] for line in lines] == ["optimum", "greedy", "worst"]
    assert float(lines[1]["gap_to_bound"]) == pytest.approx(4.0)
    assert json.loads((tmp_path / "gaps.json").read_text())["schema"] == "planner.gap/1"
    assert (tmp_path / "gaps.png").read_bytes().startswith(b"\x89PNG")
    assert planner("gap", two_hours_file, "-o", tmp_path / "gaps.txt").code == 2


def test_replay_tells_where_requests_went(planner: Planner, two_hours_file: Path) -> None:
    ran = planner("replay", two_hours_file, "--policy", "greedy", "--json")
    assert ran.code == 0
    document = answer(ran)
    assert document["schema"] == "planner.replay/1"
    assert set(document) >= ENVELOPE
    row = rows(ran)["greedy"]
    assert set(row) >= ROW
    assert row["gap_to_bound"] is None
    assert row["requests_by_region"] == {"here": 1000}
    assert row["mean_carbon_intensity_g_per_kwh"] == pytest.approx(500)
    assert row["by_workload"] == {"work": {"slo_violation_rate": 0}}


def test_replay_takes_a_forecast(planner: Planner, two_hours_file: Path) -> None:
    honest, perfect = (
        rows(planner("replay", two_hours_file, "--policy", "threshold", "--forecast", forecast, "--json"))["threshold"]
        for forecast in ("persistence", "perfect")
    )
    assert (honest["uses_future"], perfect["uses_future"]) == (False, True)
    assert (honest["objective"]["total"], perfect["objective"]["total"]) == pytest.approx((0.5, 0.1))


def test_replay_follows_a_map(planner: Planner, two_hours: Instance, two_hours_file: Path, tmp_path: Path) -> None:
    save_map(tmp_path / "map.csv", HourMap(np.array([[0, 0]])), two_hours)
    ran = planner("replay", two_hours_file, "--policy", f"map:file={tmp_path / 'map.csv'}")
    assert ran.code == 0
    assert "1000" in ran.out


def test_replay_of_a_broken_plan_is_a_failed_check(planner: Planner, two_hours: Instance, tmp_path: Path) -> None:
    save_instance(two_hours.replace(servers=np.array([[0.0, 0.0]])), tmp_path / "none.json")
    ran = planner("replay", tmp_path / "none.json", "--policy", "greedy")
    assert ran.code == 1
    assert "greedy: breaks (M1) 1 time" in ran.out
    assert answer(planner("replay", tmp_path / "none.json", "--policy", "greedy", "--json"))["status"] == "infeasible"


def test_policy_list_names_every_rule(planner: Planner) -> None:
    ran = planner("policy", "list")
    assert ran.code == 0
    names = [line.split()[0] for line in ran.out.splitlines()[1:]]
    assert names == sorted(names)
    assert {"fixed", "greedy", "hybrid", "map", "threshold"} <= set(names)
    cards = answer(planner("policy", "list", "--json"))["policies"]
    assert [card["name"] for card in cards] == names
    assert all(card["source"] and card["rule"] for card in cards)
    assert {card["regime"] for card in cards} == {"none", "forecast", "clairvoyant"}


def test_policy_show_tells_rule_parameters_and_source(planner: Planner) -> None:
    ran = planner("policy", "show", "hybrid")
    assert ran.code == 0
    assert "alpha=0.5" in ran.out
    assert "Source: Carbon-Aware Scheduling" in ran.out
    assert answer(planner("policy", "show", "fixed", "--json"))["parameters"] == [
        {"name": "region", "default": None, "needed": True}
    ]
    assert planner("policy", "show", "hybrd").code == 2
