"""Real regions on loopback: processes, cold starts, crashes and whatever a client may send."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from planner.errors import MissingExtra, UsageError
from planner.protocol import regions as module
from planner.protocol.clock import parse_clock
from planner.protocol.log import read_lines
from planner.protocol.regions import Regions, regions_up

PATIENCE = 60.0


def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for something that will happen; on a busy machine later."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


@contextmanager
def client(up: Regions, name: str, **headers: str) -> Iterator[httpx.Client]:
    """With the token, and every header of an invocation."""
    sent = {"Authorization": f"Bearer {up.token}", "X-Event-Id": "e1", "X-Scenario": "A", "X-Attempt": "1", **headers}
    with httpx.Client(base_url=up.urls[name], headers=sent, trust_env=False, timeout=PATIENCE) as connection:
        yield connection


@pytest.fixture(scope="module")
def up(inputs_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """One region that keeps its instance."""
    with regions_up(["here"], prefix=inputs_folder.as_uri(), logs=tmp_path_factory.mktemp("logs")) as regions:
        yield regions


def instance(up: Regions, name: str = "here") -> int | None:
    """The process of a region's instance, or none."""
    with client(up, name) as http:
        pid: int | None = http.get("/healthz").json()["instance"]
        return pid


def test_all_four_functions_work_and_are_logged(up: Regions, inputs_folder: Path) -> None:
    uri = inputs_folder.as_uri()
    payloads = {
        "api-health-check": {"check": "ping"},
        "crypto-key-gen": {"bits": 2048},
        "image-format-converter": {"gcs_uri": f"{uri}/photo.png", "format": "WEBP", "quality": 85},
        "video-transcoder": {"gcs_uri": f"{uri}/clip.y4m", "passes": 1},
    }
    marks = {"X-Experiment-Id": "all-four", "X-Trace-Hour": "2026-06-01T00:00:00Z"}
    with client(up, "here", **marks) as http:
        answers = {name: http.post(name, json=payload) for name, payload in payloads.items()}
    for name, answer in answers.items():
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["event_id"] == "e1"
        assert found["function"] == name
        assert found["region"] == "here"
        assert found["output_bytes"] > 0
    logged = {line["function"]: line for line in lines(up) if line["experiment_id"] == "all-four"}
    assert set(logged) == set(payloads)
    for name, line in logged.items():
        assert (line["status"], line["event_id"], line["scenario"], line["attempt"]) == (200, "e1", "A", "1")
        assert line["trace_hour"] == "2026-06-01T00:00:00Z"
        assert line["latency_ms"] >= 1e3 * answers[name].json()["seconds"]
        assert line["bytes_out"] == len(answers[name].content)
        assert line["rss_mb"] > 1
    assert logged["image-format-converter"]["bytes_in"] > (inputs_folder / "photo.png").stat().st_size
    assert logged["crypto-key-gen"]["cpu_ms"] > logged["api-health-check"]["cpu_ms"]


def lines(up: Regions, name: str = "here") -> list[dict[str, object]]:
    """What a region's functions logged."""
    return list(read_lines(up.request_log(name)))


JSON = {"Content-Type": "application/json"}
KEY, IMAGE, VIDEO = "crypto-key-gen", "image-format-converter", "video-transcoder"
HOSTILE = [
    ("unknown function", "rm-rf", b"{}", {}, 404),
    ("path out of the service", "..%2f..%2fetc/passwd", b"{}", {}, 404),
    ("no token", KEY, b'{"bits":2048}', {"Authorization": ""}, 401),
    ("another kind of token", KEY, b'{"bits":2048}', {"Authorization": "Basic eDp5"}, 401),
    ("wrong token", KEY, b'{"bits":2048}', {"Authorization": "Bearer wrong"}, 403),
    ("10 MB", KEY, bytes(10 * 2**20), {}, 413),
    ("malformed", KEY, b'{"bits":', {}, 422),
    ("no body", KEY, b"", {}, 422),
    ("no object", KEY, b"[4096]", {}, 422),
    ("no text", KEY, b'{"bits":"\xff"}', {}, 400),
    ("deep", KEY, 30_000 * b"[", {}, None),
    ("a number of many digits", KEY, b'{"bits":' + 60_000 * b"9" + b"}", {}, 400),
    ("not a number", KEY, b'{"bits":NaN}', {}, 422),
    ("half a character", KEY, b'{"\\ud800":"\\ud800"}', {}, 422),
    ("huge key", KEY, b'{"bits":1000000000}', {}, 422),
    ("odd key", KEY, b'{"bits":1024}', {}, 422),
    ("key as text", KEY, b'{"bits":"4096"}', {}, 422),
    ("another field", KEY, b'{"bits":2048,"exponent":3}', {}, 422),
    ("inline", KEY, b'{"bits":2048,"return_inline":true}', {}, 422),
    ("a file of the machine", IMAGE, b'{"gcs_uri":"file:///etc/passwd","format":"WEBP"}', {}, 422),
    ("another bucket", IMAGE, b'{"gcs_uri":"gs://other-bucket/x.png","format":"WEBP"}', {}, 422),
    ("no quality", IMAGE, b'{"gcs_uri":"file:///x","format":"WEBP","quality":0}', {}, 422),
    ("quality over 100", IMAGE, b'{"gcs_uri":"file:///x","format":"WEBP","quality":101}', {}, 422),
    ("another format", IMAGE, b'{"gcs_uri":"file:///x","format":"EPS"}', {}, 422),
    ("a million passes", VIDEO, b'{"gcs_uri":"file:///etc/passwd","passes":1000000}', {}, 422),
    ("a file as video", VIDEO, b'{"gcs_uri":"file:///etc/passwd","passes":1}', {}, 422),
]


@pytest.mark.parametrize(
    ("path", "body", "headers", "status"), [case[1:] for case in HOSTILE], ids=[c[0] for c in HOSTILE]
)
def test_hostile_input_is_refused_and_loses_no_worker(
    path: str, body: bytes, headers: dict[str, str], status: int | None, up: Regions
) -> None:
    with client(up, "here", **JSON) as http:
        assert http.post("api-health-check", json={"check": "ping"}).status_code == 200
        before = instance(up)
        answer = http.post(path, content=body, headers=headers)
        assert answer.status_code == status if status else 400 <= answer.status_code < 500, answer.text
        assert http.post("api-health-check", json={"check": "ping"}).status_code == 200
        assert instance(up) == before is not None


def test_nothing_that_fits_or_breaks_the_description_is_an_error_of_the_server(up: Regions) -> None:
    with client(up, "here", **{"Accept-Encoding": "identity"}) as http:
        schema = schemathesis.openapi.from_dict(http.get("/openapi.json").raise_for_status().json())
        headers = {"Authorization": http.headers["Authorization"]}
    checks = [schemathesis.checks.not_a_server_error, schemathesis.checks.status_code_conformance]
    for operation in (found.ok() for found in schema.get_all_operations()):

        @settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate(base_url=up.urls["here"], headers=headers, checks=checks, timeout=PATIENCE)

        holds()


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD"])
def test_functions_are_called_by_post(method: str, up: Regions) -> None:
    with client(up, "here") as http:
        assert http.request(method, KEY).status_code == 405


def test_a_client_that_leaves_costs_nothing(up: Regions) -> None:
    with client(up, "here") as http, pytest.raises(httpx.TimeoutException):
        http.post(KEY, json={"bits": 4096}, timeout=0.01)
    with client(up, "here") as http:
        assert http.post("api-health-check", json={"check": "ping"}).status_code == 200


def test_health_is_answered_while_keys_are_generated(up: Regions) -> None:
    statuses: list[int] = []

    def generate() -> None:
        with client(up, "here") as http:
            statuses.append(http.post(KEY, json={"bits": 3072}).status_code)

    threads = [threading.Thread(target=generate) for _ in range(4)]  # twice as many as are worked on at a time
    for thread in threads:
        thread.start()
    with client(up, "here") as http:
        until(lambda: http.get("/healthz").json()["in_flight"] == 4 or len(statuses) == 4)
        assert http.post("api-health-check", json={"check": "ping"}).status_code == 200
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4


def test_a_client_cannot_claim_to_have_waited(up: Regions) -> None:
    with client(up, "here", **{"X-Waited-Ms": "1e9", "X-Experiment-Id": "liar"}) as http:
        assert http.post("api-health-check", json={"check": "ping"}).status_code == 200
    (line,) = (line for line in lines(up) if line["experiment_id"] == "liar")
    assert float(str(line["latency_ms"])) < 1e6 * PATIENCE


def test_an_instance_starts_cold_and_stops_when_idle(inputs_folder: Path, tmp_path: Path) -> None:
    clock = parse_clock("2026-06-01T00:00:00Z*1000")
    with regions_up(
        ["far"], prefix=inputs_folder.as_uri(), logs=tmp_path, clock=clock, idle_seconds=300, rtt_ms={"far": 200}
    ) as up:
        assert instance(up, "far") is None  # asking how it is does not start it
        with client(up, "far") as http:
            began = time.perf_counter()
            cold, warm = (http.post("api-health-check", json={"check": "ping"}) for _ in range(2))
            assert time.perf_counter() - began >= 2 * 0.2  # the round trip is real, whatever the clock
        assert [answer.json()["cold"] for answer in (cold, warm)] == [True, False]
        until(lambda: instance(up, "far") is None)
        with client(up, "far") as http:
            assert http.post("api-health-check", json={"check": "ping"}).json()["cold"]
    logged = lines(up, "far")
    events = list(read_lines(up.instance_log("far")))
    assert [line["cold"] for line in logged] == [True, False, True]
    assert [event["event"] for event in events] == ["start", "stop", "start", "stop"]
    assert [event["reason"] for event in events[1::2]] == ["idle", "region stopped"]
    assert float(str(logged[0]["latency_ms"])) >= events[0]["startup_ms"] > float(str(logged[1]["latency_ms"]))
    assert all(event["cpu_seconds"] > 0 for event in events[1::2])
    assert all(str(line["time"]).startswith("2026-06-01T0") for line in logged)


def test_a_killed_region_leaves_no_orphan_and_comes_back(inputs_folder: Path, tmp_path: Path) -> None:
    with regions_up(["one", "two"], prefix=inputs_folder.as_uri(), logs=tmp_path) as up:
        with client(up, "one") as http:
            http.post("api-health-check", json={"check": "ping"}).raise_for_status()
        supervisor, worker = up.pid("one"), instance(up, "one")
        assert worker is not None
        os.kill(supervisor, signal.SIGKILL)
        until(lambda: gone(supervisor) and gone(worker))
        until(lambda: up.pid("one") != supervisor and answers(up, "one"))  # at the same address
        assert up.starts == {"one": 2, "two": 1}
        assert instance(up, "one") not in (None, worker)
        # A worker that is killed is one failed request at most, not a failed region.
        os.kill(instance(up, "one") or 0, signal.SIGKILL)
        until(lambda: called(up, "one") == 200)
        assert up.starts == {"one": 2, "two": 1}
        left = [up.pid("one"), up.pid("two"), instance(up, "one") or 0]
    assert all(map(gone, left))


def answers(up: Regions, name: str) -> bool:
    try:
        return called(up, name) == 200
    except httpx.TransportError:
        return False


def called(up: Regions, name: str) -> int:
    with client(up, name) as http:
        return http.post("api-health-check", json={"check": "ping"}).status_code


def test_stopping_waits_for_the_requests_in_hand(inputs_folder: Path, tmp_path: Path) -> None:
    statuses: list[int] = []
    with regions_up(["here"], prefix=inputs_folder.as_uri(), logs=tmp_path, slow_down={"here": 2}) as up:

        def transcode() -> None:
            payload = {"gcs_uri": f"{inputs_folder.as_uri()}/clip.y4m", "passes": 1}
            with client(up, "here") as http:
                statuses.append(http.post(VIDEO, json=payload).status_code)

        thread = threading.Thread(target=transcode)
        thread.start()
        with client(up, "here") as http:
            until(lambda: http.get("/healthz").json()["in_flight"] == 1)
    thread.join()
    assert statuses == [200]


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefix": "file:///no/such"},
        {"names": []},
        {"names": ["a", "a"]},
        {"names": ["../a"]},
        {"rtt_ms": {"b": 1.0}},
        {"slow_down": {"a": 0.5}},
        {"idle_seconds": 0},
    ],
)
def test_regions_that_are_none_are_refused(wrong: dict[str, object], inputs_folder: Path, tmp_path: Path) -> None:
    asked = {"names": ["a"], "prefix": inputs_folder.as_uri(), "logs": tmp_path, **wrong}
    with pytest.raises(UsageError), regions_up(**asked):  # type: ignore[arg-type]
        pass


def test_a_region_that_cannot_start_is_named(inputs_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "instances-here.jsonl").mkdir()
    with (
        pytest.raises(module.RegionFailed, match="here"),
        regions_up(["here"], prefix=inputs_folder.as_uri(), logs=tmp_path),
    ):
        pass


def test_a_missing_extra_is_named(inputs_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.extras.find_spec", lambda name: None if name == "av" else object())
    with (
        pytest.raises(MissingExtra, match=r"av: pip install 'planner\[serve\]'"),
        regions_up(["here"], prefix=inputs_folder.as_uri(), logs=tmp_path),
    ):
        pass
