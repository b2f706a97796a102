"""What every request passes before and after its function: log, token, size, draining."""

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from resource import getpagesize
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from planner.io.clock import format_utc
from planner.protocol.clock import parse_clock
from planner.protocol.functions.body import LIMIT, bounded_body
from planner.protocol.functions.settings import Settings
from planner.protocol.functions.traffic import Traffic
from planner.protocol.log import LONGEST, LineLog, RequestLine, correlation

OPEN = frozenset({"/healthz", "/openapi.json"})
WAITED = "X-Waited-Ms"  # set by a supervisor: how long a request waited for this instance to start
MOST_IN_HAND = 200


@dataclass(slots=True)
class Usage:
    """What one request took; its function fills in the first two."""

    cpu_seconds: float = 0.0
    input_bytes: int = 0
    body_bytes: int = 0
    status: int = 500
    bytes_out: int = 0
    cold: bool = False


class UnwritableLog(Exception):
    """A request that cannot be logged cannot be answered: the experiment would not know of it."""


class Gate:
    """ASGI middleware: one log line a request, and only authorised, small ones get through.

    The scope of what gets through holds its `Usage` under "planner.usage".
    """

    def __init__(self, app: ASGIApp, settings: Settings, traffic: Traffic, log: LineLog, *, supervised: bool) -> None:
        self._app, self._settings, self._traffic, self._supervised = app, settings, traffic, supervised
        self._log, self._clock = log, parse_clock(settings.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        request, usage = Request(scope, receive), Usage(cold=not self._traffic.served and not self._traffic.in_flight)
        record = partial(self._record, request, usage, self._clock.now(), time.perf_counter())
        with self._traffic.request():
            try:
                await self._judged(request, usage, _logged(send, usage, record))
            except UnwritableLog:
                await refusal(503, "the log cannot be written", {"Retry-After": "5"})(scope, receive, send)
            except ClientDisconnect:
                usage.status = 499  # as web servers write where nobody is left to be answered
                record()
            except Exception:
                record()
                raise

    async def _judged(self, request: Request, usage: Usage, send: Send) -> None:
        body = await bounded_body(request)
        usage.body_bytes = len(body)
        refused = self._refusal(request, body)
        request.scope["planner.usage"] = usage
        await (refused or self._app)(request.scope, _replayed(body, request.receive), send)

    def _refusal(self, request: Request, body: bytes) -> Response | None:
        if self._traffic.draining or self._traffic.in_flight > MOST_IN_HAND:
            return refusal(503, "draining" if self._traffic.draining else "busy", {"Retry-After": "1"})
        if self._settings.token is not None:
            kind, _, token = request.headers.get("authorization", "").partition(" ")
            if kind.lower() != "bearer" or not token:
                return refusal(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
            if not hmac.compare_digest(token.strip().encode(), self._settings.token.encode()):
                return refusal(403, "the token is not accepted")
        if len(body) > LIMIT:
            return refusal(413, f"the body has more than {LIMIT} bytes")
        return None

    def _record(self, request: Request, usage: Usage, begun: datetime, began: float) -> None:
        latency_ms = 1e3 * (time.perf_counter() - began)
        line = RequestLine(
            time=format_utc(begun),  # of its beginning, as in Cloud Run's request logs
            service=self._settings.service,
            region=self._settings.region,
            function=request.url.path.strip("/")[:LONGEST],
            **correlation(request.headers),
            status=usage.status,
            latency_ms=round(latency_ms + self._waited_ms(request), 3),
            cpu_ms=round(1e3 * usage.cpu_seconds, 3),
            rss_mb=_resident_mb(),
            bytes_in=usage.body_bytes + usage.input_bytes,
            bytes_out=usage.bytes_out,
            cold=usage.cold,
        )
        try:
            self._log.write(line)
        except OSError as error:
            raise UnwritableLog from error

    def _waited_ms(self, request: Request) -> float:
        # Only a supervisor's word counts; it takes away what a client wrote.
        return float(request.headers.get(WAITED, "0")) if self._supervised else 0.0


def refusal(status: int, detail: Any, headers: dict[str, str] | None = None) -> Response:
    """An answer that says why not; in ASCII, whatever a client put in."""
    return Response(json.dumps({"detail": detail}), status, headers, "application/json")


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body again, then whatever follows: a disconnect."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


def _logged(send: Send, usage: Usage, record: Callable[[], None]) -> Send:
    """Log before answering: every answer that a client has is in the log, whenever this process is killed."""
    held: list[Message] = []

    async def logged(message: Message) -> None:
        held.append(message)
        usage.status = message.get("status", usage.status)
        usage.bytes_out += len(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            record()
            for part in held:
                await send(part)

    return logged


def _resident_mb() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * getpagesize() / 2**20, 1)
