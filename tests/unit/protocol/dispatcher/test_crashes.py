"""kill -9 of a real dispatcher process, again and again, while a virtual day goes by."""

import json
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from planner.domain.instance import Instance
from planner.protocol.dispatcher.queue_sqlite import results
from planner.protocol.trace import Invocation, hourly
from tests.unit.protocol.dispatcher.conftest import HOUR, PREFIX, SECRET, START, FakeRegions, body, stamp
from tests.unit.protocol.dispatcher.killable import Killable

SPEED = 14400.0  # four hours in a second
PATIENCE_SECONDS = 300.0


def killable(folder: Path, instance: Instance, regions: FakeRegions) -> Killable:
    clock = f"{stamp(START)}@{time.time()!r}*{SPEED}"
    return Killable(folder, instance, regions=regions.urls(), prefix=PREFIX, token=SECRET, clock=clock)


def sent(client: httpx.Client, service: Killable, call: Invocation) -> None:
    payload = {"gcs_uri": f"{PREFIX}/file"} if "gcs_uri" in call.payload else {}
    wanted = body(
        event_id=call.event_id,
        function=call.function,
        deadline=stamp(call.deadline + 1000 * HOUR),  # starting anew takes hours of this clock
        trace_hour=stamp(call.trace_hour),
        payload={**call.payload, **payload},
    )
    answer = client.post(f"{service.url}/dispatch", json=wanted)
    assert answer.status_code in (200, 202), answer.text


@pytest.mark.parametrize(("hours", "kills"), [(8, 3), pytest.param(24, 20, marks=pytest.mark.slow)])
def test_nothing_is_lost_and_nothing_has_two_results(
    hours: int, kills: int, tmp_path: Path, day: Instance, regions: FakeRegions
) -> None:
    regions.seconds = 0.05
    calls = [call for hour in range(hours) for call in hourly(START + hour * HOUR)]
    service, draw = killable(tmp_path, day, regions), random.Random(0)
    killed_after = set(draw.sample(range(10, len(calls)), kills))
    service.start()
    try:
        with httpx.Client(headers={"Authorization": f"Bearer {SECRET}"}, timeout=60.0) as client:
            for number, call in enumerate(calls):
                sent(client, service, call)
                if number in killed_after:
                    time.sleep(draw.random() / 2)
                    service.end(signal.SIGKILL)
                    service.start()
            until(lambda: len(results(tmp_path / "queue.db")) == len(calls))
            shown = client.get(f"{service.url}/metrics").text
    finally:
        code = service.end(signal.SIGTERM)
    assert code in (0, -signal.SIGTERM)  # uvicorn gives the signal back once all is closed
    found = results(tmp_path / "queue.db")
    asked = Counter(call["headers"]["x-event-id"] for call in regions.calls)
    assert set(found) == set(asked) == {call.event_id for call in calls}
    assert all(result["status"] == 200 for result in found.values())
    assert f'planner_tasks{{state="done"}} {float(len(calls))}' in shown
    # At least once: the region saw no more executions than the queue counts, and every second one is in the count.
    assert all(count <= found[event_id]["attempts"] for event_id, count in asked.items())


def test_a_full_disk_is_503_and_what_was_accepted_is_done_when_there_is_room(
    tmp_path: Path, day: Instance, regions: FakeRegions
) -> None:
    regions.seconds = 0.2
    calls = hourly(START)
    service = killable(tmp_path, day, regions)
    service.start()
    try:
        with httpx.Client(headers={"Authorization": f"Bearer {SECRET}"}, timeout=60.0) as client:
            for call in calls[:13]:
                sent(client, service, call)
            service.allow_files_of(0)  # no file may grow, those of the log neither
            another = body(event_id="another", deadline=stamp(START + 1000 * HOUR))
            refused = client.post(f"{service.url}/dispatch", json=another)
            assert (refused.status_code, "Retry-After" in refused.headers) == (503, True)
            service.allow_files_of(resource.RLIM_INFINITY)
            for call in calls:
                sent(client, service, call)
            until(lambda: len(results(tmp_path / "queue.db")) == len(calls))
            assert client.get(f"{service.url}/healthz").json()["status"] == "ok"
    finally:
        service.end(signal.SIGTERM)
    lines = [json.loads(line) for line in (tmp_path / "requests.jsonl").read_text().splitlines()]
    assert [line["status"] for line in lines].count(503) == 1


def until(fulfilled: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not fulfilled():
        assert time.monotonic() < end
        time.sleep(0.1)
