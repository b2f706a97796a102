import asyncio
import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from planner.data.faas import FUNCTIONS, REGIONS, protocol_days
from planner.domain.plan import HourMap
from planner.errors import InvalidInput, UsageError
from planner.io.clock import parse_utc
from planner.io.maps import save_map
from planner.maps.scenario_b import lowest_carbon_map
from planner.protocol.clock import Clock, RealClock, VirtualClock
from planner.protocol.dispatcher.auth import SharedSecret
from planner.protocol.dispatcher.calls import Regions
from planner.protocol.log import LineLog, read_lines
from planner.protocol.routes import Hours, Route, at_once, fixed, mapped, route, through
from planner.protocol.runner import Runner, Summary, calls
from planner.protocol.trace import HOUR, hourly, trace_sha256
from tests.unit.protocol.fake_services import Asked, Service, service_up

START = datetime(2026, 6, 1, tzinfo=UTC)
ONE = Hours(START, 1)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.protocol.runner.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("planner.protocol.runner.LONGEST_PAUSE", 0.05)


def ran(
    way: Route, path: Path, *, hours: Hours = ONE, speed: float = 36_000, clock: Clock | None = None, **more: Any
) -> Summary:
    """An hour in a tenth of a second."""
    log = LineLog(path)
    runner = Runner(
        experiment_id="test",
        scenario="A",
        data="gs://bucket/data",
        route=way,
        tokens=SharedSecret("secret"),
        clock=clock or VirtualClock(hours.first, time.time(), speed),
        log=log,
        **more,
    )
    try:
        return asyncio.run(runner.run(hours))
    finally:
        log.close()


def to(service: Service) -> Route:
    return at_once(Regions({"here": service.url}), fixed("here"))


def test_every_invocation_is_made_with_its_payload_and_identity(tmp_path: Path) -> None:
    with service_up() as service:
        found = ran(to(service), tmp_path / "log")
    assert Counter(a.path[1:] for a in service.asked) == {name: n for name, (n, *_) in FUNCTIONS.items()}
    first = next(a for a in service.asked if a.path == "/image-format-converter")
    assert first.body == {"gcs_uri": "gs://bucket/data/photo.png", "format": "WEBP", "quality": 85}
    assert first.headers["Authorization"] == "Bearer secret"
    named = ("X-Experiment-Id", "X-Scenario", "X-Trace-Hour", "X-Attempt")
    assert [first.headers[name] for name in named] == ["test", "A", "2026-06-01T00:00:00Z", "1"]
    assert (found.invocations, found.repeated, found.failed) == (26, 0, ())


def test_a_line_tells_of_each_invocation(tmp_path: Path) -> None:
    with service_up() as service:
        ran(to(service), tmp_path / "log")
    lines = list(read_lines(tmp_path / "log"))
    assert {line["event_id"] for line in lines} == {call.event_id for call in hourly(START)}
    for line in lines:
        assert (line["experiment_id"], line["scenario"], line["trace_hour"]) == ("test", "A", "2026-06-01T00:00:00Z")
        assert (line["attempts"], line["status"]) == (1, 200)
        assert line["url"] == f"{service.url}/{line['function']}"
        assert parse_utc(line["planned"], "") <= parse_utc(line["sent"], "") <= parse_utc(line["answered"], "")


def test_a_day_has_the_hash_of_its_trace(tmp_path: Path) -> None:
    with service_up() as service:
        found = ran(to(service), tmp_path / "log", hours=Hours(START, 24), speed=120_000)
    assert found.trace_sha256 == trace_sha256(START, 1)
    assert found.invocations == 24 * 26


def test_one_that_waits_for_its_answer_holds_up_no_other(tmp_path: Path) -> None:
    over = threading.Event()

    def answers(asked: Asked) -> int:
        if asked.path == "/video-transcoder":
            assert over.wait(20)
        elif len(service.asked) == 26:
            over.set()  # only once all others have come
        return 200

    with service_up(answers) as service:
        found = ran(to(service), tmp_path / "log")
    assert found.failed == ()
    assert {line["attempts"] for line in read_lines(tmp_path / "log")} == {1}


def test_no_more_calls_at_a_time_than_allowed(tmp_path: Path) -> None:
    now, most, lock = 0, 0, threading.Lock()

    def answers(_: Asked) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return 200

    with service_up(answers) as service:
        ran(to(service), tmp_path / "log", speed=1e9, most_calls=3)
    assert most == 3


@pytest.mark.parametrize("fault", [503, 429, 500, 0])
def test_what_fails_is_made_again_with_the_same_event_id(tmp_path: Path, fault: int) -> None:
    def answers(asked: Asked) -> int:
        return 200 if asked.headers["X-Attempt"] == "3" else fault

    with service_up(answers) as service:
        found = ran(to(service), tmp_path / "log")
    attempts = Counter(asked.event_id for asked in service.asked)
    assert attempts == {call.event_id: 3 for call in hourly(START)}
    assert (found.repeated, found.failed) == (26, ())
    assert {line["attempts"] for line in read_lines(tmp_path / "log")} == {3}


def test_what_is_refused_for_good_is_not_made_again(tmp_path: Path) -> None:
    with service_up(lambda asked: 422 if asked.path == "/crypto-key-gen" else 200) as service:
        found = ran(to(service), tmp_path / "log")
    assert len(service.asked) == 26
    assert found.failed == tuple(f"20260601T00-crypto-key-gen-{n:02d}" for n in range(3))


def test_attempts_end_and_say_why(tmp_path: Path) -> None:
    with service_up() as service:
        gone = service.url
    found = ran(at_once(Regions({"here": gone}), fixed("here")), tmp_path / "log", attempts=2)
    assert len(found.failed) == 26
    lines = list(read_lines(tmp_path / "log"))
    assert {(line["status"], line["attempts"]) for line in lines} == {(None, 2)}
    assert all("ConnectError" in line["error"] for line in lines)


def test_a_full_disk_does_not_end_the_run(caplog: pytest.LogCaptureFixture) -> None:
    with service_up() as service:
        found = ran(to(service), Path("/dev/full"))
    assert (len(service.asked), found.failed) == (26, ())
    assert "not in the log" in caplog.text


def test_a_run_that_starts_late_says_so(tmp_path: Path) -> None:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 2 * HOUR
    with service_up() as service:
        found = ran(to(service), tmp_path / "log", hours=Hours(hour, 1), clock=RealClock())
    assert found.late_seconds > HOUR / timedelta(seconds=1)


@pytest.mark.parametrize("hours", [Hours(START, 0), Hours(START + timedelta(minutes=1), 1)])
def test_hours_are_whole(hours: Hours) -> None:
    with pytest.raises(UsageError, match="full one"):
        list(calls(hours))


def test_b_follows_its_map(tmp_path: Path) -> None:
    instance = protocol_days(START, 1)
    chosen = lowest_carbon_map(instance)
    save_map(tmp_path / "map.csv", chosen, instance)
    names = [region.name for region in instance.regions]
    with service_up() as service:
        urls = Regions({name: f"{service.url}/{name}" for name in names})
        region_of, needed = mapped(tmp_path / "map.csv", Hours(START + 2 * HOUR, 5))
        ran(at_once(urls, region_of), tmp_path / "log", hours=Hours(START + 2 * HOUR, 5))
    assert needed == sorted({names[n] for n in chosen.region[0, 2:7]})
    for asked in service.asked:
        hour = (parse_utc(asked.headers["X-Trace-Hour"], "") - START) // HOUR
        assert asked.path.split("/")[1] == names[chosen.region[0, hour]]


def test_a_map_may_differ_by_function(tmp_path: Path) -> None:
    instance = protocol_days(START, 1)
    own = HourMap(region=lowest_carbon_map(instance).region.repeat(len(FUNCTIONS), axis=0), per_workload=True)
    own.region[:, 0] = range(len(FUNCTIONS))
    save_map(tmp_path / "map.json", own, instance)
    region_of, _ = mapped(tmp_path / "map.json", ONE)
    with service_up() as service:
        ran(at_once(Regions({n: f"{service.url}/{n}" for n in REGIONS}), region_of), tmp_path / "log")
    placed = {tuple(asked.path.split("/")[1:]) for asked in service.asked}
    assert placed == set(zip(list(REGIONS), FUNCTIONS, strict=False))


def test_a_map_without_the_hour_is_refused(tmp_path: Path) -> None:
    instance = protocol_days(START, 1)
    save_map(tmp_path / "map.csv", lowest_carbon_map(instance), instance)
    with pytest.raises(InvalidInput, match="none for 2026-06-02T00"):
        mapped(tmp_path / "map.csv", Hours(START, 25))


def test_c_hands_everything_to_the_dispatcher(tmp_path: Path) -> None:
    with service_up(lambda _: 202) as service:
        found = ran(through(f"{service.url}/"), tmp_path / "log")
    assert found.failed == ()
    assert {asked.path for asked in service.asked} == {"/dispatch"}
    body = next(asked.body for asked in service.asked if asked.body["function"] == "crypto-key-gen")
    assert body == {
        "event_id": body["event_id"],
        "function": "crypto-key-gen",
        "deadline": "2026-06-01T04:00:00Z",
        "trace_hour": "2026-06-01T00:00:00Z",
        "experiment_id": "test",
        "scenario": "A",
        "payload": {"bits": 4096},
    }
    assert json.dumps(body)


@pytest.mark.parametrize(
    ("scenario", "names", "dispatcher"),
    [
        ("A", [], None),
        ("A", ["a", "b"], None),
        ("B", ["a"], None),
        ("C", [], None),
        ("C", ["a"], "http://d"),
        ("D", [], None),
    ],
)
def test_a_scenario_has_what_it_needs_and_no_more(scenario: str, names: list[str], dispatcher: str | None) -> None:
    with pytest.raises(UsageError, match="A needs one --region"):
        route(scenario, Regions({}), names=names, hour_map=None, dispatcher=dispatcher, hours=ONE)
