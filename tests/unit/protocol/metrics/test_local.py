import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from planner.data.faas import FUNCTIONS
from planner.errors import InvalidInput, UsageError
from planner.protocol.metrics.local import Window, metrics_of_logs
from planner.protocol.metrics.scenario import load_metrics
from planner.protocol.metrics.services import Service
from planner.protocol.trace import hourly
from tests.unit.protocol.request_logs import START, at_once_in, line, scenario_log, write

ALL = Window()
CALLS = hourly(START)
HERE, THERE = "europe-west1", "us-west1"


def test_every_request_is_counted_in_its_service_and_region(tmp_path: Path) -> None:
    found = metrics_of_logs([scenario_log(tmp_path / "a.jsonl", "A", at_once_in(HERE))], "A", ALL)
    assert {(s.service, s.region): s.requests for s in found.services} == {
        (name, HERE): 24 * per_hour for name, (per_hour, *_) in FUNCTIONS.items()
    }
    assert len(found.executions) == 624
    assert not found.repeated
    assert not found.unfinished
    assert found.source == "request logs"


def test_the_figures_of_a_service(tmp_path: Path) -> None:
    ping = next(call for call in CALLS if call.function == "api-health-check")
    first = line(ping, "A", HERE, ping.at, latency_ms=150.0, cpu_ms=75.0, rss_mb=512.0, bytes_in=7, cold=True)
    second = replace(first, event_id=CALLS[-1].event_id, latency_ms=250.0, rss_mb=1536.0, bytes_out=3, cold=False)
    (service,) = metrics_of_logs([write(tmp_path / "log", [first, second])], "A", ALL).services
    assert service.latency_ms is not None
    assert service.latency_ms.mean == 200.0
    assert service.billable_instance_seconds == pytest.approx(0.3)  # both began at once
    assert service.cpu_utilisation == pytest.approx(0.150 / 0.3)
    assert service.memory_utilisation == pytest.approx(0.5)
    assert (service.bytes_received, service.bytes_sent, service.cold_starts) == (14, 53, 1)
    assert service.statuses == {"200": 2}


def test_of_two_successes_the_later_is_committed_and_the_other_listed(tmp_path: Path) -> None:
    call = CALLS[0]
    lost = line(call, "A", HERE, call.at, attempt="1")
    kept = line(call, "A", THERE, call.at + timedelta(minutes=1), attempt="2")
    found = metrics_of_logs([write(tmp_path / "log", [kept, lost])], "A", ALL)
    assert [e.region for e in found.executions] == [THERE]
    assert [e.attempt for e in found.repeated] == ["1"]
    assert sum(s.requests for s in found.services) == 2


@pytest.mark.parametrize(("status", "charged"), [(500, 1), (504, 1), (503, 0), (429, 0), (422, 0)])
def test_a_failure_is_charged_if_it_used_the_processor(tmp_path: Path, status: int, charged: int) -> None:
    call = CALLS[0]
    failed = line(call, "A", HERE, call.at, status=status)
    done = line(call, "A", HERE, call.at + timedelta(seconds=9))
    found = metrics_of_logs([write(tmp_path / "log", [failed, done])], "A", ALL)
    assert len(found.repeated) == charged
    assert [e.status for e in found.executions] == [200]
    assert not found.unfinished


def test_what_was_sent_and_never_done_is_listed(tmp_path: Path) -> None:
    sent = [replace(line(call, "A", "", call.at), service="runner", status=200) for call in CALLS[:3]]
    done = [line(call, "A", HERE, call.at) for call in CALLS[:2]]
    failed = line(CALLS[2], "A", HERE, CALLS[2].at, status=500)
    found = metrics_of_logs([write(tmp_path / "runner", sent), write(tmp_path / "log", [*done, failed])], "A", ALL)
    assert found.unfinished == (CALLS[2].event_id,)
    assert len(found.executions) == 2
    assert len(found.repeated) == 1
    assert sum(s.requests for s in found.services) == 3  # the runner is no service


def test_an_event_is_no_request_but_names_what_must_be_executed(tmp_path: Path) -> None:
    call = CALLS[0]
    event = {"event": "again later", "scenario": "C", "experiment_id": "test", "event_id": "x", "status": 503}
    other = {"event": "queue unavailable"}
    path = write(tmp_path / "log", [line(call, "C", THERE, call.at)])
    path.write_text(path.read_text() + json.dumps(event) + "\n" + json.dumps(other) + "\n")
    found = metrics_of_logs([path], "C", ALL)
    assert found.unfinished == ("x",)
    assert len(found.services) == 1


def test_the_dispatcher_is_a_service_and_executes_nothing(tmp_path: Path) -> None:
    call = CALLS[0]
    accepted = replace(line(call, "C", "europe-west1", call.at, status=202), service="dispatcher")
    found = metrics_of_logs([write(tmp_path / "log", [accepted, line(call, "C", THERE, call.at)])], "C", ALL)
    assert {(s.service, s.region) for s in found.services} == {("dispatcher", HERE), (call.function, THERE)}
    assert len(found.executions) == 1
    assert not found.repeated


def test_window_services_and_experiment_select(tmp_path: Path) -> None:
    path = scenario_log(tmp_path / "log", "A", at_once_in(HERE))
    window = Window(start=START + timedelta(hours=1), end=START + timedelta(hours=3))
    assert len(metrics_of_logs([path], "A", window).executions) == 2 * 26
    ping = Window(services=(Service("api-health-check", HERE),))
    assert len(metrics_of_logs([path], "A", ping).executions) == 480
    for nothing in (Window(services=(Service(None, THERE),)), Window(experiment_id="other")):
        with pytest.raises(InvalidInput, match="scenario A"):
            metrics_of_logs([path], "A", nothing)


def test_several_experiments_must_be_told_apart(tmp_path: Path) -> None:
    first = line(CALLS[0], "A", HERE, CALLS[0].at)
    path = write(tmp_path / "log", [first, replace(first, experiment_id="again")])
    with pytest.raises(UsageError, match="again, test"):
        metrics_of_logs([path], "A", ALL)
    assert metrics_of_logs([path], "A", Window(experiment_id="again")).experiment_id == "again"


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    headless = '{"service": "functions", "scenario": "A", "experiment_id": "", "event_id": "", "status": 200}\n'
    for text in ("no json\n", "[1]\n", headless):
        (tmp_path / "log").write_text(text)
        with pytest.raises(InvalidInput, match="a JSON line a request"):
            metrics_of_logs([tmp_path / "log"], "A", ALL)


def test_metrics_survive_their_file(tmp_path: Path) -> None:
    from planner.cli.common import to_json

    found = metrics_of_logs([scenario_log(tmp_path / "log", "A", at_once_in(HERE))], "A", ALL)
    (tmp_path / "A.json").write_text(to_json(found.document()))
    assert load_metrics(tmp_path / "A.json") == found


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": "planner.solve/1"}', '{"schema": "planner.protocol-metrics/1"}']
)
def test_a_file_that_holds_no_metrics_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "A.json").write_text(text)
    with pytest.raises(InvalidInput):
        load_metrics(tmp_path / "A.json")
