import asyncio
import base64
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from planner.protocol.dispatcher.calls import Regions
from planner.protocol.dispatcher.limits import Refused
from planner.protocol.dispatcher.queue import QueueUnavailable, Task
from planner.protocol.dispatcher.queue_cloud_tasks import CloudTasksQueue, task_of

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "projects/p/locations/europe-west1/queues/q"
ANSWER = {"event_id": "a", "region": "europe-west1"}
WAITS = Task("a", "crypto-key-gen", NOW, NOW + 3 * HOUR, "x", "C", {"bits": 2048})
RUNS = replace(WAITS, region="europe-west1", attempt=1)


class FakeCloudTasks:
    """`tasks.create` and `tasks.list` of Cloud Tasks v2, as its reference describes them; `down` answers all 503."""

    def __init__(self) -> None:
        self.tasks: dict[str, dict[str, Any]] = {}
        self.down = False

    def create(self, path: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        task = request["task"]
        known = {"name", "scheduleTime", "dispatchDeadline", "httpRequest"}
        if path != f"/v2/{NAME}/tasks" or not set(task) <= known or not task["name"].startswith(f"{NAME}/tasks/"):
            return _error(400, "INVALID_ARGUMENT")
        if task["name"] in self.tasks:
            return _error(409, "ALREADY_EXISTS")
        self.tasks[task["name"]] = task | {"dispatchCount": 0}
        return 200, self.tasks[task["name"]]

    def list(self, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        first, size = int(query.get("pageToken", ["0"])[0]), min(int(query["pageSize"][0]), 2)
        tasks = list(self.tasks.values())
        more = {"nextPageToken": str(first + size)} if first + size < len(tasks) else {}
        return 200, {"tasks": tasks[first : first + size], **more}


def _error(code: int, status: str) -> tuple[int, dict[str, Any]]:
    return code, {"error": {"code": code, "message": status.lower(), "status": status}}


@pytest.fixture
def cloud() -> Iterator[FakeCloudTasks]:
    fake = FakeCloudTasks()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(lambda: fake.create(self.path, json.loads(self._body())))

        def do_GET(self) -> None:
            self._answer(lambda: fake.list(parse_qs(urlsplit(self.path).query)))

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, make: Callable[[], tuple[int, dict[str, Any]]]) -> None:
            allowed = self.headers["Authorization"] == "Bearer access"
            status, document = make() if allowed else _error(401, "UNAUTHENTICATED")
            if fake.down:
                status, document = _error(503, "UNAVAILABLE")
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


class Access:
    async def token(self) -> str:
        return "access"


def with_queue(cloud: Any, body: Callable[[CloudTasksQueue], Awaitable[None]]) -> None:
    async def run() -> None:
        regions = Regions({"europe-west1": "https://{function}-1.europe-west1.run.app"})
        own = "https://dispatcher-1.run.app"
        queue = CloudTasksQueue(
            NAME, own_url=own, account="d@p.example", regions=regions, access=Access(), endpoint=cloud.url
        )
        await body(queue)
        await queue.close()

    asyncio.run(run())


def sent(cloud: FakeCloudTasks, number: int = 0) -> tuple[dict[str, Any], Any]:
    """A task's request and what is in it."""
    request = list(cloud.tasks.values())[number]["httpRequest"]
    return request, json.loads(base64.b64decode(request["body"]))


def test_a_decided_task_is_pushed_to_its_region(cloud: FakeCloudTasks) -> None:
    async def body(queue: CloudTasksQueue) -> None:
        assert await queue.put(RUNS, NOW, ANSWER) is None

    with_queue(cloud, body)
    request, payload = sent(cloud)
    (task,) = cloud.tasks.values()
    assert task["scheduleTime"] == "2026-06-01T12:00:00Z"
    assert request["url"] == "https://crypto-key-gen-1.europe-west1.run.app/crypto-key-gen"
    assert request["oidcToken"] == {
        "serviceAccountEmail": "d@p.example",
        "audience": "https://crypto-key-gen-1.europe-west1.run.app",
    }
    assert request["headers"]["X-Event-Id"] == "a"
    assert payload == {"bits": 2048}


def test_one_that_waits_comes_back_to_be_decided(cloud: FakeCloudTasks) -> None:
    async def body(queue: CloudTasksQueue) -> None:
        await queue.put(WAITS, NOW + HOUR, ANSWER)
        request, document = sent(cloud)
        assert request["url"] == request["oidcToken"]["audience"] + "/tasks" == "https://dispatcher-1.run.app/tasks"
        assert task_of(json.dumps(document).encode()) == WAITS
        await queue.again(WAITS, NOW + 2 * HOUR)
        await queue.again(RUNS, NOW + 2 * HOUR)
        await queue.again(RUNS, NOW + 2 * HOUR)  # pushed twice, made once

    with_queue(cloud, body)
    times = [task["scheduleTime"][11:13] for task in cloud.tasks.values()]
    assert times == ["13", "14", "14"]
    assert sent(cloud, 2)[0]["url"].endswith("/crypto-key-gen")


def test_an_event_is_accepted_once(cloud: FakeCloudTasks) -> None:
    async def body(queue: CloudTasksQueue) -> None:
        assert await queue.put(RUNS, NOW, ANSWER) is None
        assert await queue.put(RUNS, NOW, ANSWER) == ANSWER
        for number in range(4):
            await queue.put(replace(RUNS, event_id=str(number)), NOW, ANSWER)
        assert (await queue.counts()).queued == 5
        assert await queue.lease(NOW, 9) == []

    with_queue(cloud, body)


def test_one_that_is_down_is_said(cloud: FakeCloudTasks) -> None:
    async def body(queue: CloudTasksQueue) -> None:
        cloud.down = True
        with pytest.raises(QueueUnavailable, match="503"):
            await queue.put(RUNS, NOW, ANSWER)
        queue._client.base_url = "http://127.0.0.1:9/v2/"
        with pytest.raises(QueueUnavailable, match="does not answer"):
            await queue.put(RUNS, NOW, ANSWER)

    with_queue(cloud, body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event_id": 1}', b"\xff"])
def test_what_is_no_task_is_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="not a task"):
        task_of(body)
