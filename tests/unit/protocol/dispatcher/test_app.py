import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx import Client

from planner.protocol.dispatcher.app import Dispatcher
from planner.protocol.dispatcher.queue import QueueUnavailable
from planner.protocol.dispatcher.queue_sqlite import SqliteQueue, results
from planner.protocol.trace import HOUR, hourly
from tests.unit.protocol.dispatcher.conftest import PREFIX, SECRET, START, FakeRegions, SetClock, body, served, stamp

Make = Callable[..., Dispatcher]
IMAGE = {"format": "WEBP", "quality": 85}


@pytest.fixture
def client(make_parts: Make) -> Iterator[Client]:
    with served(make_parts()) as client:
        yield client


def until(fulfilled: Callable[[], bool]) -> None:
    for _ in range(1000):
        if fulfilled():
            return
        time.sleep(0.01)
    pytest.fail("it did not come to pass")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_dispatch_is_accepted_run_and_committed(client: Client, regions: FakeRegions, tmp_path: Path) -> None:
    answer = client.post("/dispatch", json=body())
    assert answer.status_code == 202
    said = answer.json()
    assert said["event_id"] == body()["event_id"]
    assert said["run_at"] == stamp(START)
    assert said["reason"] == "decided by the policy"
    until(lambda: bool(results(tmp_path / "queue.db")))
    (call,) = regions.calls
    assert (call["region"], call["function"], call["payload"]) == (said["region"], "crypto-key-gen", {"bits": 4096})
    sent = {k: call["headers"][f"x-{k}"] for k in ("experiment-id", "scenario", "event-id", "trace-hour", "attempt")}
    assert sent == {
        "experiment-id": "x1",
        "scenario": "C",
        "event-id": body()["event_id"],
        "trace-hour": "2026-06-01T00:00:00Z",
        "attempt": "1",
    }
    assert call["headers"]["authorization"] == f"Bearer {SECRET}"
    result = results(tmp_path / "queue.db")[body()["event_id"]]
    assert (result["status"], result["attempts"], result["late"]) == (200, 1, False)


def test_a_replayed_event_gets_the_first_answer_and_runs_once(client: Client, regions: FakeRegions) -> None:
    first = client.post("/dispatch", json=body())
    again = client.post("/dispatch", json=body(payload={"bits": 2048}))
    assert (again.status_code, again.json()) == (200, first.json())
    until(lambda: len(regions.calls) == 1)
    time.sleep(0.2)
    assert len(regions.calls) == 1


@pytest.mark.parametrize(
    ("header", "status"),
    [({}, 401), ({"Authorization": "Basic abc"}, 401), ({"Authorization": "Bearer"}, 401),
     ({"Authorization": "Bearer wrong"}, 403), ({"Authorization": "Bearer ÄÖ".encode()}, 403)],
)  # fmt: skip
def test_who_has_no_token_is_not_served(make_parts: Make, header: Any, status: int) -> None:
    with served(make_parts()) as client:
        del client.headers["Authorization"]
        assert client.post("/dispatch", json=body(), headers=header).status_code == status
        assert client.post("/tasks", json={}, headers=header).status_code == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (body(function="rm-rf"), 404),
        (body(function=None), 422),
        (body(payload={"bits": 10**9}), 422),
        (body(payload={"bits": "4096"}), 422),
        (body(function="video-transcoder", payload={"gcs_uri": f"{PREFIX}/v.mp4", "passes": 10**6}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": "file:///etc/passwd", **IMAGE}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": "gs://other-bucket/i.png", **IMAGE}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": f"{PREFIX}/../../x", **IMAGE}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": f"{PREFIX}/%2e%2e/x", **IMAGE}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": f"{PREFIX}-other/x", **IMAGE}), 422),
        (body(function="image-format-converter", payload={"gcs_uri": f"{PREFIX}/i.png", **IMAGE}), 202),
        (body(deadline=stamp(START - HOUR)), 422),
        (body(deadline="0001-01-01T00:00:00+14:00"), 422),
        (body(deadline="2026-06-01T04:00:00"), 422),
        (body(trace_hour=stamp(START - HOUR)), 422),
        (body(trace_hour=stamp(START + timedelta(minutes=1))), 422),
        (body(event_id="a b"), 422),
        (body(event_id="x" * 129), 422),
        (body(event_id="\ud800"), 422),
        (body(more=1), 422),
        ([], 422),
        (None, 422),
    ],
)
def test_what_is_asked_must_keep_the_limits(client: Client, sent: Any, status: int) -> None:
    answer = client.post("/dispatch", content=json.dumps(sent), headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("sent", [b"", b"{", b"\xff\xfe", b"NaN", b"[" * 60_000, b'{"event_id": "a"'])
def test_malformed_json_is_refused(client: Client, sent: bytes) -> None:
    assert client.post("/dispatch", content=sent).status_code == 422
    assert client.get("/healthz").json()["status"] == "ok"


def test_a_large_body_is_refused(client: Client) -> None:
    assert client.post("/dispatch", content=b" " * 10_000_000).status_code == 413


def test_wrong_methods_and_paths(client: Client) -> None:
    assert client.get("/dispatch").status_code == 405
    assert client.post("/nothing").status_code == 404


def test_work_is_turned_away_when_too_much_waits(make_parts: Make, regions: FakeRegions, clock: SetClock) -> None:
    regions.answers = [503] * 1000
    with served(make_parts(most_waiting=2)) as client:
        sent = [body(event_id=f"e{n}", deadline=stamp(START + 20 * HOUR)) for n in range(3)]
        answers = [client.post("/dispatch", json=each) for each in sent]
        assert [a.status_code for a in answers] == [202, 202, 429]
        assert int(answers[2].headers["Retry-After"]) > 0
        assert client.post("/dispatch", json=sent[0]).status_code == 200  # what was accepted stays accepted
        regions.answers = []
        clock.moment += 10 * HOUR
        until(lambda: client.post("/dispatch", json=sent[2]).status_code == 202)


def test_what_is_due_does_not_wait_behind_a_day_of_long_calls(make_parts: Make, regions: FakeRegions) -> None:
    """Six heavy invocations an hour may all wait for the same hour: 144 calls that no region has answered yet."""
    regions.seconds = 30.0
    with served(make_parts()) as client:
        for n in range(145):
            client.post("/dispatch", json=body(event_id=f"e{n}"))
        until(lambda: len(regions.calls) == 145)


def test_draining_is_said(make_parts: Make) -> None:
    parts = make_parts()
    with served(parts) as client:
        parts.traffic.draining = True
        assert client.post("/dispatch", json=body()).status_code == 503
        assert client.get("/healthz").json()["status"] == "draining"


def test_a_queue_that_cannot_be_written_is_503(make_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise QueueUnavailable("the queue cannot be written: database or disk is full")

    with served(make_parts()) as client:
        with monkeypatch.context() as patched:
            for name in ("put", "counts", "lease"):
                patched.setattr(SqliteQueue, name, full)
            answer = client.post("/dispatch", json=body())
            assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
            assert client.get("/metrics").status_code == 503
        assert client.post("/dispatch", json=body()).status_code == 202


def test_what_waits_runs_in_its_hour(make_parts: Make, regions: FakeRegions, clock: SetClock, tmp_path: Path) -> None:
    parts = make_parts("threshold")
    call = next(
        c
        for hour in range(24)
        for c in hourly(START + hour * HOUR)
        if parts.decider.choose(c.function, c.trace_hour, c.event_id, deadline=c.deadline, now=c.at).region is None
        and c.function == "crypto-key-gen"
    )
    clock.moment = call.at
    with served(make_parts("threshold")) as client:
        answer = client.post("/dispatch", json=body(hour=call.trace_hour, event_id=call.event_id))
        assert answer.json()["region"] is None
        assert answer.json()["run_at"] == stamp(call.trace_hour + HOUR)
        until(lambda: "planner_tasks" in client.get("/metrics").text)
        assert regions.calls == []
        while not regions.calls and clock.moment < call.deadline:
            clock.moment += HOUR
            time.sleep(0.3)
        until(lambda: bool(results(tmp_path / "queue.db")))
    decided = [e for e in lines(tmp_path / "events.jsonl") if e["event"] == "decided"][-1]
    result = results(tmp_path / "queue.db")[call.event_id]
    assert decided["run_in"] == regions.calls[0]["region"]
    assert {"policy", "forecast", "ci_g_per_kwh", "ci_at_once_g_per_kwh"} <= set(decided["decision"])
    assert not result["late"]


def test_failures_are_tried_again_with_the_same_event(
    client: Client, regions: FakeRegions, clock: SetClock, tmp_path: Path
) -> None:
    regions.answers = [503, 500, 429]
    client.post("/dispatch", json=body())
    for tries in (1, 2, 3):
        until(lambda tries=tries: len(regions.calls) == tries)  # type: ignore[misc]
        time.sleep(0.3)
        clock.moment += HOUR / 2
    until(lambda: bool(results(tmp_path / "queue.db")))
    assert [c["headers"]["x-attempt"] for c in regions.calls] == ["1", "2", "3", "4"]
    assert len({c["headers"]["x-event-id"] for c in regions.calls}) == 1
    assert results(tmp_path / "queue.db")[body()["event_id"]]["attempts"] == 4
    assert "planner_reexecutions_total 3.0" in client.get("/metrics").text


def test_a_refusal_by_the_function_is_final(client: Client, regions: FakeRegions, tmp_path: Path) -> None:
    regions.answers = [422]
    client.post("/dispatch", json=body())
    until(lambda: bool(results(tmp_path / "queue.db")))
    assert results(tmp_path / "queue.db")[body()["event_id"]]["status"] == 422
    assert len(regions.calls) == 1


def test_what_was_accepted_runs_at_once_when_its_deadline_has_passed(
    make_parts: Make, regions: FakeRegions, clock: SetClock, tmp_path: Path
) -> None:
    regions.answers = [503] * 10_000
    with served(make_parts()) as client:
        client.post("/dispatch", json=body())
        until(lambda: bool(regions.calls))
    clock.moment = START + 9 * HOUR
    regions.answers = []
    with served(make_parts()) as client:
        assert client.post("/dispatch", json=body()).status_code == 200
        until(lambda: bool(results(tmp_path / "queue.db")))
        assert results(tmp_path / "queue.db")[body()["event_id"]]["late"]
        assert "planner_late_total 1.0" in client.get("/metrics").text


@pytest.mark.parametrize(("attempt", "status"), [("1", 422), ("0", 422), ("two", 422), ("", 422), ("2", 202)])
def test_what_was_sent_in_time_and_found_nobody_runs_late_rather_than_never(
    client: Client, clock: SetClock, tmp_path: Path, attempt: str, status: int
) -> None:
    clock.moment = START + 9 * HOUR
    answer = client.post("/dispatch", json=body(), headers={"X-Attempt": attempt})
    assert answer.status_code == status
    if status == 202:
        until(lambda: bool(results(tmp_path / "queue.db")))
        assert results(tmp_path / "queue.db")[body()["event_id"]]["late"]


def test_every_request_has_a_line_with_its_reason(client: Client, tmp_path: Path) -> None:
    client.post("/dispatch", json=body())
    client.post("/dispatch", content=b"{")
    good, bad = lines(tmp_path / "requests.jsonl")
    assert (good["status"], bad["status"]) == (202, 422)
    assert good["decision"]["policy"] == "lowest-carbon"
    assert good["decision"]["ci_g_per_kwh"] == good["decision"]["ci_at_once_g_per_kwh"]
    assert (good["event_id"], good["trace_hour"]) == (body()["event_id"], "2026-06-01T00:00:00Z")
    assert bad["event_id"] == ""
    assert min(good["rss_mb"], good["cpu_ms"], bad["rss_mb"]) > 0


def test_a_worker_that_ended_is_unhealthy(make_parts: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(SqliteQueue, "lease", broken)
    with served(make_parts()) as client:
        until(lambda: client.get("/healthz").status_code == 503)


def test_only_so_many_requests_at_a_time(make_parts: Make) -> None:
    parts = make_parts()
    with served(parts) as client:
        parts.traffic.in_flight = 5000
        answer = client.post("/dispatch", json=body())
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")


def test_pushed_tasks_are_settled(make_parts: Make, regions: FakeRegions, tmp_path: Path) -> None:
    regions.answers = [503] * 1000
    with served(make_parts()) as client:
        pushed = {**body(), "region": None, "attempt": 0}
        assert client.post("/tasks", json=pushed).status_code == 200
        assert client.post("/tasks", json={**pushed, "function": "rm-rf"}).status_code == 404
        assert client.post("/tasks", json={"event_id": 1}).status_code == 422
    assert lines(tmp_path / "events.jsonl")[0]["run_in"] is not None
