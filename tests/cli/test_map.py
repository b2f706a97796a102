import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.cli.main import main
from planner.data.five_region import five_region_week
from planner.domain.instance import HourMapRule, Instance
from planner.io.instances import instance_sha256, save_instance
from planner.io.maps import load_map
from planner.maps.scenario_b import lowest_carbon_map

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def study() -> Instance:
    return five_region_week(hours=48, requests_per_hour=20).replace(request_log=None)


@pytest.fixture
def file(study: Instance, tmp_path: Path) -> str:
    save_instance(study, tmp_path / "study.json")
    return str(tmp_path / "study.json")


def test_csv_on_stdout_and_words_on_stderr(study: Instance, file: str, capsys: Captured) -> None:
    assert main(["map", file]) == 0
    out, err = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(out)))
    assert out.splitlines()[0] == "hour,region,workload,carbon_intensity_g_per_kwh"
    best = study.carbon_intensity_g_per_kwh.argmin(axis=0)
    assert [row["region"] for row in rows] == [study.regions[r].name for r in best]
    assert rows[1]["hour"] == "2026-01-01T01:00:00Z"
    assert "best fixed region EU-North" in err


def test_quiet_leaves_stderr_empty(file: str, capsys: Captured) -> None:
    assert main(["map", file, "-q"]) == 0
    assert capsys.readouterr().err == ""


def test_json_is_one_document_with_the_summary(study: Instance, file: str, capsys: Captured) -> None:
    assert main(["map", file, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    lowest = study.carbon_intensity_g_per_kwh.min(axis=0)
    assert document["schema"] == "planner.map/1"
    assert document["status"] == "optimal"
    assert document["objective"] is None
    assert document["switches"] == 0
    assert [row["carbon_intensity_g_per_kwh"] for row in document["map"]] == pytest.approx(list(lowest))
    (summary,) = document["maps"]
    assert summary["mean_carbon_intensity_g_per_kwh"] == pytest.approx(lowest.mean())
    assert summary["best_fixed"]["region"] == "EU-North"
    assert summary["hours_by_region"] == {"EU-North": 48.0}


def test_one_command_leaves_every_file(study: Instance, file: str, tmp_path: Path, capsys: Captured) -> None:
    names = ["map.csv", "map.json", "map.json.gz", "map.png", "map.svg", "map.pdf", "map.html"]
    assert main(["map", file, *[part for name in names for part in ("-o", str(tmp_path / name))]]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert all(f"wrote {tmp_path / name}" in err for name in names)
    best = study.carbon_intensity_g_per_kwh.argmin(axis=0)
    for name in names[:3]:
        assert (load_map(tmp_path / name, study).region[0] == best).all()
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "map.html").read_text().startswith("<!doctype html>")


def test_another_ending_is_refused_before_any_work(file: str, tmp_path: Path, capsys: Captured) -> None:
    assert main(["map", file, "-o", str(tmp_path / "map.csv"), "-o", str(tmp_path / "map.xlsx")]) == 2
    assert ".csv" in capsys.readouterr().err
    assert not (tmp_path / "map.csv").exists()


def test_limits_reach_the_map(study: Instance, tmp_path: Path, capsys: Captured) -> None:
    half_hours = study.replace(
        step_minutes=30, carbon_intensity_g_per_kwh=np.random.default_rng(0).uniform(10, 500, (5, 48))
    )
    save_instance(half_hours, tmp_path / "half.json")
    assert main(["map", str(tmp_path / "half.json"), "--max-switches", "4", "--min-dwell", "1.6", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["map"]
    rule = HourMapRule(max_switches=4, min_dwell_periods=4)  # 1.6 h are 3.2 periods: no less than 4
    expected = lowest_carbon_map(half_hours, rule).region[0]
    assert [row["region"] for row in rows] == [half_hours.regions[r].name for r in expected]


def test_silent_options_leave_the_instance_its_own_rule(study: Instance, tmp_path: Path, capsys: Captured) -> None:
    carbon = np.random.default_rng(0).uniform(10, 500, (5, 48))
    ruled = study.replace(carbon_intensity_g_per_kwh=carbon, hour_map=HourMapRule(max_switches=2))
    save_instance(ruled, tmp_path / "ruled.json")
    assert main(["map", str(tmp_path / "ruled.json"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["switches"] == 2
    assert main(["map", str(tmp_path / "ruled.json"), "--json", "--max-switches", "0"]) == 0
    assert json.loads(capsys.readouterr().out)["switches"] == 0


def test_per_workload_rows_name_the_workload(study: Instance, file: str, capsys: Captured) -> None:
    assert main(["map", file, "--per-workload"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["workload"] for row in rows[::48]] == [w.name for w in study.workloads]


def test_under_capacity_the_oracle_answers(study: Instance, tmp_path: Path, capsys: Captured) -> None:
    short = study.replace(
        carbon_intensity_g_per_kwh=study.carbon_intensity_g_per_kwh[:, :6],
        requests=study.requests[:, :, :6],
        servers=np.array([[1.0, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1] * 6, [1, 1, 0, 0, 1, 1], [1] * 6]),
    )
    save_instance(short, tmp_path / "short.json")
    command = ["map", str(tmp_path / "short.json"), "--capacity", "--max-switches", "1", "--gap", "1e-9", "--json"]
    assert main([*command, "-o", str(tmp_path / "map.html")]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["status"] == "optimal"
    assert document["switches"] <= 1
    assert document["bounds"]["solver"] == pytest.approx(document["objective"]["total"], rel=1e-6)
    assert document["map"][2]["region"] != "EU-North"
    assert "objective is" in (tmp_path / "map.html").read_text()


def test_no_region_for_all_is_infeasible_and_says_who(study: Instance, tmp_path: Path, capsys: Captured) -> None:
    homes = ("US-East", "EU-West", "Singapore")
    tied = [replace(w, allowed_regions=(home,)) for w, home in zip(study.workloads, homes, strict=True)]
    save_instance(study.replace(workloads=tuple(tied)), tmp_path / "tied.json")
    assert main(["map", str(tmp_path / "tied.json"), "--json"]) == 4
    out, err = capsys.readouterr()
    assert json.loads(out)["status"] == "infeasible"
    assert "bert_base" in err
    assert "bert_large from US-East may be served in {EU-West}" in err
    assert "give each workload a map" in err
    assert main(["map", str(tmp_path / "tied.json"), "--per-workload", "-q"]) == 0


def test_latency_may_be_set_aside_but_not_residency(study: Instance, tmp_path: Path, capsys: Captured) -> None:
    far = [replace(w, slo_ms=50.0, slo_mode="hard", allowed_regions=("EU-West", "EU-North")) for w in study.workloads]
    hard = study.replace(workloads=tuple(far))
    save_instance(hard, tmp_path / "hard.json")
    assert main(["map", str(tmp_path / "hard.json")]) == 4
    capsys.readouterr()
    page = tmp_path / "map.html"
    assert main(["map", str(tmp_path / "hard.json"), "--ignore-slo", "--json", "-o", str(page)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["slo"] == "ignored"
    assert document["instance"]["sha256"] == instance_sha256(hard)
    assert {row["region"] for row in document["map"]} == {"EU-North"}
    assert "latency objectives are set aside" in page.read_text()
