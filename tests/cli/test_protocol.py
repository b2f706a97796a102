import json
from collections.abc import Callable
from pathlib import Path

from planner.io.instances import load_instance
from tests.conftest import Ran

Run = Callable[..., Ran]


def test_a_trace_is_json_lines_and_an_instance(planner: Run, tmp_path: Path) -> None:
    ran = planner("protocol", "trace", "--days", "1", "--instance", tmp_path / "day.json")
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert ran.code == 0
    assert len(rows) == 624
    assert rows[0]["event_id"].startswith("20260601T00-")
    assert int(load_instance(str(tmp_path / "day.json")).requests.sum()) == 624


def test_the_hash_is_in_the_document(planner: Run) -> None:
    ran = planner("protocol", "trace", "--json")
    found = json.loads(ran.out)
    assert found["invocations"] == 4368
    assert found["sha256"] in ran.err


def test_a_start_that_is_no_hour_is_refused(planner: Run) -> None:
    for start in ("monday", "2026-06-01T00:30Z"):
        ran = planner("protocol", "trace", "--start", start)
        assert ran.code == 2
        assert "2026-06-01T00:00Z" in ran.err
