import json
from collections.abc import Callable
from pathlib import Path

import pytest

from planner.io.instances import load_instance

JOBS = "arrival_time,length,cpus\n0.0,6302.0,1\n68.0,1000.0,1\n463.0,1570.0,3\n"


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    path = tmp_path / "pai.csv"
    path.write_text(JOBS, encoding="utf-8")
    return path


def test_llm_requests_reach_an_instance(planner: Callable, shared_data: Path, tmp_path: Path) -> None:
    files = [shared_data / f"azure_llm_2023_{name}_requests.csv.gz" for name in ("code", "conv")]
    demand, full = tmp_path / "llm.csv", tmp_path / "full.json"
    ran = planner("data", "trace", *files, "--from", "azure-llm", "--step", "10", "-o", demand)
    assert ran.code == 0
    assert "28,185 requests of code, conv" in ran.err
    assert ran.out == ""
    where = ["--series", demand, "--workload", "serving=conv", "--repeat", "--scale", "0.1"]
    assert planner("instance", "demand", "jobs/mixed-day", *where, "-o", full).code == 0
    found = load_instance(full)
    assert found.name == "jobs/mixed-day+llm"
    assert found.requests[1].sum() == round(48 * 1936.6)
    assert planner("instance", "validate", full).code == 0


def test_jobs_reach_an_instance_and_are_solved(planner: Callable, jobs: Path, tmp_path: Path) -> None:
    demand, full = tmp_path / "demand.csv", tmp_path / "full.json"
    assert planner("data", "trace", jobs, "--from", "plain", "--deadline-factor", "8", "-o", demand).code == 0
    assert planner("instance", "demand", "jobs/batch-day", "--series", demand, "-o", full).code == 0
    assert len(load_instance(full).jobs) == 3
    assert planner("solve", full, "-q").code == 0


def test_json_tells_what_was_read(planner: Callable, jobs: Path) -> None:
    ran = planner("data", "trace", jobs, "--from", "plain", "--epoch", "2024-01-01", "--json")
    document = json.loads(ran.out)
    assert document["schema"] == "planner.data-trace/1"
    assert (document["jobs"], document["start"]) == (3, "2024-01-01T00:00:00Z")
    counted = json.loads(planner("data", "trace", jobs, "--from", "plain", "--jobs-as", "tasks", "--json").out)
    assert counted["requests"] == {"tasks": 3}


def test_csv_stands_on_stdout_by_default(planner: Callable, jobs: Path) -> None:
    ran = planner("data", "trace", jobs, "--from", "plain", "--jobs-as", "unit-hours")
    assert ran.code == 0
    assert ran.out.endswith("time,tasks\n1970-01-01T00:00:00Z,3\n")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["data", "trace", "{jobs}", "--from", "borg"], 2, "google-2019"),
        (["data", "trace", "{jobs}", "--from", "plain", "--step", "7"], 2, "divide a day"),
        (["data", "trace", "{jobs}", "--from", "plain", "--start", "soon"], 2, "--start soon"),
        (["data", "trace", "{jobs}", "--from", "plain", "--start", "2031-01-01"], 3, "one that holds"),
        (["data", "trace", "{jobs}", "--from", "azure-llm"], 3, "no column 'TIMESTAMP'"),
        (["data", "trace", "none.csv", "--from", "plain"], 3, "nothing at this path"),
        (
            ["instance", "demand", "jobs/batch-day", "--series", "{jobs}", "-o", "{folder}/x.json"],
            3,
            "no column 'time'",
        ),
        (
            ["instance", "demand", "jobs/batch-day", "--series", "none.csv", "-o", "{folder}/x.json"],
            3,
            "nothing at this path",
        ),
    ],
)
def test_mistakes_are_told(planner: Callable, jobs: Path, arguments: list[str], code: int, told: str) -> None:
    folder = jobs.parent
    ran = planner(*(argument.format(jobs=jobs, folder=folder) for argument in arguments))
    assert ran.code == code
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert not (folder / "x.json").exists()


def test_nothing_half_written(planner: Callable, jobs: Path, tmp_path: Path) -> None:
    with jobs.open("a", encoding="utf-8") as file:
        file.write("9,x,1\n")
    demand = tmp_path / "demand.csv"
    demand.write_text("before", encoding="utf-8")
    assert planner("data", "trace", jobs, "--from", "plain", "-o", demand).code == 3
    assert demand.read_text(encoding="utf-8") == "before"
