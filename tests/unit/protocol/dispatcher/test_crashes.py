"""kill -9 of a real dispatcher process, again and again, while a virtual day goes by."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from planner.domain.instance import Instance
from planner.io.instances import save_instance
from planner.protocol.dispatcher.queue_sqlite import results
from planner.protocol.trace import Invocation, hourly
from tests.unit.protocol.dispatcher.conftest import HOUR, PREFIX, SECRET, START, FakeRegions, body, stamp

SPEED = 14400.0  # four hours in a second
PATIENCE_SECONDS = 300.0


class Killable:
    """The command as a process, on the same queue and clock whenever it starts."""

    def __init__(self, folder: Path, instance: Instance, regions: FakeRegions) -> None:
        save_instance(instance, folder / "day.json")
        self._command = [sys.executable, "-m", "planner", "protocol", "dispatch", folder / "day.json"]
        self._command += ["--prefix", PREFIX, "--policy", "threshold", "--forecast", "perfect", "--supervised"]
        self._command += ["--queue", folder / "queue.db", "--port", "0"]
        self._command += ["--log", folder / "requests.jsonl", "--events", folder / "events.jsonl"]
        self._command += [part for name, url in regions.urls().items() for part in ("--region", f"{name}={url}")]
        clock = f"{stamp(START)}@{time.time()!r}*{SPEED}"
        self._environment = {**os.environ, "PLANNER_TOKEN": SECRET, "PLANNER_CLOCK": clock}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(self._command, env=self._environment, **pipes)  # type: ignore[call-overload]
        self.url = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"  # type: ignore[union-attr]

    def allow_files_of(self, size: int) -> None:
        """Longer ones cannot be written: what a full disk is like."""
        assert self._process is not None
        _, most = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, most))

    def end(self, how: signal.Signals) -> int:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.send_signal(how)
        code = process.wait(60)
        process.stdin.close()
        process.stdout.close()
        return code


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
    service, draw = Killable(tmp_path, day, regions), random.Random(0)
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
    service = Killable(tmp_path, day, regions)
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
