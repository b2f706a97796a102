"""A dispatcher in this process with a fake region server, on a clock that a test sets."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from planner.data.faas import REGIONS, protocol_days
from planner.domain.instance import Instance
from planner.protocol.dispatcher.app import Dispatcher, create_app
from planner.protocol.dispatcher.auth import SharedSecret
from planner.protocol.dispatcher.calls import Caller, Regions
from planner.protocol.dispatcher.decider import Decider
from planner.protocol.dispatcher.journal import Journal
from planner.protocol.dispatcher.queue_sqlite import SqliteQueue
from planner.protocol.functions.traffic import Traffic
from planner.protocol.log import LineLog

START, HOUR = datetime(2026, 6, 1, tzinfo=UTC), timedelta(hours=1)
SECRET = "a secret"
PREFIX = "gs://bucket/data"


@dataclass
class SetClock:
    """Shows what a test set."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    def real_seconds(self, clock_seconds: float) -> float:
        return clock_seconds / 1000

    async def sleep_until(self, moment: datetime) -> None:
        raise NotImplementedError


@dataclass
class FakeRegions:
    """One server for all regions: /REGION/FUNCTION; answers 200 unless `answers` holds other statuses to give first."""

    url: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def urls(self) -> dict[str, str]:
        return {region: f"{self.url}/{region}" for region in REGIONS}

    def take(self, call: dict[str, Any]) -> int:
        with self.lock:
            self.calls.append(call)
            return self.answers.pop(0) if self.answers else 200


@pytest.fixture
def regions() -> Iterator[FakeRegions]:
    fake = FakeRegions()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            _, region, function = self.path.split("/")
            said = {"region": region, "function": function, "payload": json.loads(body)}
            status = fake.take({**said, "headers": {k.lower(): v for k, v in self.headers.items()}})
            time.sleep(fake.seconds)
            answer = json.dumps({"seconds": 0.1, "cold": False, "output_bytes": 3, "region": region}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            with suppress(ConnectionError):  # whoever asked may have been killed
                self.end_headers()
                self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def day() -> Instance:
    return protocol_days(START, 1, seed=3)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def make_parts(
    regions: FakeRegions, day: Instance, clock: SetClock, tmp_path: Path
) -> Iterator[Callable[..., Dispatcher]]:
    """`make_parts(policy="lowest-carbon", most_waiting=3)`."""
    logs: list[Journal] = []

    def make(policy: str = "lowest-carbon", forecast: str = "perfect", **more: Any) -> Dispatcher:
        secret = SharedSecret(SECRET)
        logs.extend(Journal(LineLog(tmp_path / f"{name}.jsonl")) for name in ("requests", "events"))
        standard: dict[str, Any] = {
            "decider": Decider(day, policy, forecast=forecast),
            "open_queue": lambda: SqliteQueue(tmp_path / "queue.db"),
            "caller": lambda: Caller(Regions(regions.urls()), secret),
            "guard": secret,
            "clock": clock,
            "traffic": Traffic(),
            "prefix": PREFIX,
            "log": logs[-2],
            "events": logs[-1],
        }
        return Dispatcher(**{**standard, **more})

    yield make
    for log in logs:
        log.close()


@contextmanager
def served(parts: Dispatcher) -> Iterator[httpx.Client]:
    """The service behind a real socket, and a client that may call it."""
    server = uvicorn.Server(uvicorn.Config(create_app(parts), port=0, log_level="error", ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {SECRET}"}, timeout=30.0) as client:
        yield client
    server.should_exit = True
    thread.join()
    listener.close()


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def body(**changes: Any) -> dict[str, Any]:
    """A dispatch of the first hour's first key, changed."""
    hour = changes.pop("hour", START)
    return {
        "event_id": f"{hour:%Y%m%dT%H}-crypto-key-gen-00",
        "function": "crypto-key-gen",
        "deadline": stamp(hour + timedelta(hours=4)),
        "trace_hour": stamp(hour),
        "experiment_id": "x1",
        "scenario": "C",
        "payload": {"bits": 4096},
        **changes,
    }
