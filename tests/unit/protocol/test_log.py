import json
import resource
from pathlib import Path

import pytest

from planner.protocol.log import LONGEST, LineLog, RequestLine, correlation, read_lines

LINE = RequestLine(
    time="2026-06-01T00:00:00Z",
    service="functions",
    region="here",
    function="crypto-key-gen",
    event_id="e\n1",
    status=200,
    latency_ms=1.5,
)


def test_a_log_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for _ in range(2):  # a restarted process goes on where the last one ended
        log = LineLog(path)
        log.write(LINE)
        log.close()
    assert len(path.read_text().splitlines()) == 2
    first, second = read_lines(path)
    assert first == second
    assert RequestLine(**first) == LINE


def test_without_a_file_lines_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    log = LineLog()
    log.write({"event": "start"})
    log.close()
    assert json.loads(capsys.readouterr().out) == {"event": "start"}


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"a":1}\n{"a":')
    assert list(read_lines(path)) == [{"a": 1}]


def test_a_full_disk_is_told_and_leaves_no_torn_line(tmp_path: Path) -> None:
    full = LineLog("/dev/full")
    with pytest.raises(OSError, match="No space"):
        full.write(LINE)
    full.close()
    log = LineLog(tmp_path / "log.jsonl")
    log.write(LINE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # A limit of the file's size stops a write half-way, as the end of a disk does.
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / "log.jsonl").stat().st_size + 10, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            log.write(LINE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    log.write(LINE)
    log.close()
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2


def test_correlation_comes_from_headers_and_has_a_limit() -> None:
    found = correlation({"X-Event-Id": "e1", "X-Scenario": "C", "X-Experiment-Id": "x" * 10_000})
    assert found["event_id"] == "e1"
    assert found["scenario"] == "C"
    assert found["trace_hour"] == found["attempt"] == ""
    assert len(found["experiment_id"]) == LONGEST
