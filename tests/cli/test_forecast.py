import json

import pytest


@pytest.fixture
def week(planner, tmp_path):
    path = tmp_path / "week.json"
    size = ("--regions", "2", "--origins", "2", "--hours", "96", "--workloads", "2")
    assert planner("instance", "generate", "grid", *size, "-o", path).code == 0
    return path


def test_the_score_is_a_table_by_region_and_lead(planner, week):
    ran = planner("forecast", "score", week, "--forecast", "persistence")
    assert ran.code == 0
    header, *rows = ran.out.splitlines()
    assert header.split() == ["series", "lead", "MAE", "WAPE", "median", "WAPE", "bias", "forecasts"]
    assert len(rows) == 2 * 3
    assert "0-24 h" in rows[0]


def test_the_score_as_json_tells_the_same(planner, week):
    told = json.loads(planner("forecast", "score", week, "--forecast", "perfect", "--json").out)
    assert told["schema"] == "planner.forecast/1"
    assert told["uses_future"] is True
    assert {s["mae"] for s in told["scores"]} == {0.0}


def test_demand_is_scored_by_workload_and_origin(planner, week):
    told = json.loads(planner("forecast", "score", week, "--forecast", "seasonal", "--series", "demand", "--json").out)
    assert told["unit"] == "requests"
    assert len({s["series"] for s in told["scores"]}) == 4
    assert max(s["mae"] for s in told["scores"]) > 0


def test_too_short_an_instance_is_told(planner, week):
    ran = planner("forecast", "score", week, "--forecast", "persistence", "--hours", "20")
    assert ran.code == 2
    assert "more than a day" in ran.err


def test_an_unknown_forecaster_gets_a_hint(planner, week):
    ran = planner("forecast", "score", week, "--forecast", "seasnal")
    assert ran.code == 2
    assert "seasonal" in ran.err
