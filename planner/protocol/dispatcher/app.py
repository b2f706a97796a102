"""The HTTP service of scenario C: `POST /dispatch`, `GET /healthz`, `GET /metrics`; in the cloud also `POST /tasks`."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from planner.io.clock import format_utc
from planner.protocol.clock import Clock
from planner.protocol.dispatcher.auth import Guard
from planner.protocol.dispatcher.calls import Caller
from planner.protocol.dispatcher.decider import Decider
from planner.protocol.dispatcher.journal import Journal
from planner.protocol.dispatcher.limits import DispatchRequest, Refused, asked
from planner.protocol.dispatcher.meters import Meters
from planner.protocol.dispatcher.openapi import DISPATCH, describe
from planner.protocol.dispatcher.queue import Queue, QueueUnavailable, Task
from planner.protocol.dispatcher.usage import Usage
from planner.protocol.dispatcher.worker import Worker
from planner.protocol.functions.body import LIMIT, bounded_body
from planner.protocol.functions.traffic import Traffic
from planner.protocol.log import CORRELATION, LONGEST

SERVICE = "dispatcher"
MOST_IN_HAND = 2048  # requests; each waits for the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    """What the service is made of. `most_waiting`: tasks without a result above which it asks for patience (429).

    `log` has a line for each request, `events` one for each later decision, execution and result.
    """

    decider: Decider
    open_queue: Callable[[], Queue]
    caller: Callable[[], Caller]
    guard: Guard
    clock: Clock
    traffic: Traffic
    prefix: str
    log: Journal
    events: Journal
    region: str = SERVICE
    most_waiting: int = 1_000_000
    most_calls: int = 150  # a day of what may wait can fall due at once; what is due next must not wait behind it


def create_app(parts: Dispatcher) -> FastAPI:
    """The service; its queue is opened when it starts."""
    service = _Service(parts)
    app = FastAPI(title="Dispatcher", lifespan=service.lifespan, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.post("/dispatch", **DISPATCH)(service.dispatch)
    app.post("/tasks", include_in_schema=False)(service.task)
    app.get("/healthz")(service.health)
    app.get("/metrics")(service.metrics)
    describe(app, DispatchRequest)
    app.add_middleware(_Short, dispatch=service.dispatch)
    return app


class _Short:
    """ASGI middleware: dispatches go straight to their handler; FastAPI's way there costs as much as the rest."""

    def __init__(self, app: ASGIApp, dispatch: Callable[[Request], Awaitable[Response]]) -> None:
        self._app, self._dispatch = app, dispatch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/dispatch" and scope["method"] == "POST":
            response = await self._dispatch(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Service:
    def __init__(self, parts: Dispatcher) -> None:
        self._parts, self._meters, self._usage = parts, Meters(), Usage()

    @asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        """The past is decided before the first request; at the end the worker stops, then the queue."""
        parts = self._parts
        await asyncio.to_thread(parts.decider.advance, parts.clock.now())
        self._queue, caller = parts.open_queue(), parts.caller()
        self._worker = Worker(
            queue=self._queue,
            decider=parts.decider,
            caller=caller,
            clock=parts.clock,
            events=parts.events,
            meters=self._meters,
            most=parts.most_calls,
            woken=asyncio.Event(),
        )
        self._work = asyncio.create_task(self._worker.run())
        try:
            yield
        finally:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
            await caller.close()
            await self._queue.close()

    async def dispatch(self, request: Request) -> Response:
        """Accept an invocation: 202 once it is durable, 200 with the first answer where it was accepted before."""
        began, said = time.perf_counter(), _Said()
        try:
            with self._parts.traffic.request():
                response = await self._answered(request, said)
        except ClientDisconnect:
            response = Response(status_code=499)  # as web servers write where nobody is left to be answered
        seconds = time.perf_counter() - began
        self._meters.dispatches.labels(str(response.status_code)).inc()
        self._meters.seconds.observe(seconds)
        self._record(said, response, 1e3 * seconds)
        return response

    async def task(self, request: Request) -> Response:
        """A task whose hour has come, as Cloud Tasks pushes it: decide it again."""
        from planner.protocol.dispatcher.queue_cloud_tasks import task_of

        try:
            await self._parts.guard.check(request.headers.get("authorization", ""))
            task = task_of(await bounded_body(request))
            self._require_known(task.function, task.trace_hour)
            await self._worker.settle(task)
        except Refused as refused:
            return _json(refused.status, {"detail": refused.detail}, refused.headers)
        return _json(200, {})

    async def health(self) -> Response:
        """Alive, and why the policy failed, if it did; 503 where nothing would be carried out any more."""
        if self._work.done():
            return _json(503, {"status": "the worker has ended"})
        status = "draining" if self._parts.traffic.draining else "ok"
        return _json(200, {"status": status, "policy_failure": self._parts.decider.failure})

    async def metrics(self) -> Response:
        """Counters for Prometheus."""
        try:
            text = self._meters.text(await self._queue.counts())
        except QueueUnavailable as error:
            return _json(503, {"detail": str(error)})
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    async def _answered(self, request: Request, said: "_Said") -> Response:
        try:
            wanted = await self._admitted(request, said)
            return await self._accepted(wanted, said)
        except Refused as refused:
            return _json(refused.status, {"detail": refused.detail}, refused.headers)
        except QueueUnavailable as error:
            said.decision = {"error": str(error)}
            return _json(503, {"detail": "the queue cannot be written; nothing was accepted"}, {"Retry-After": "5"})

    async def _admitted(self, request: Request, said: "_Said") -> DispatchRequest:
        """What is asked, by somebody who may, within all limits."""
        body = await bounded_body(request)
        said.bytes_in, said.attempt = len(body), request.headers.get(CORRELATION["attempt"], "")[:LONGEST]
        if self._parts.traffic.draining:
            raise Refused(503, "draining", {"Retry-After": "1"})
        if self._parts.traffic.in_flight > MOST_IN_HAND:
            raise Refused(429, "too many requests at a time", {"Retry-After": "1"})
        await self._parts.guard.check(request.headers.get("authorization", ""))
        if len(body) > LIMIT:
            raise Refused(413, f"the body has more than {LIMIT} bytes")
        wanted = said.wanted = asked(body, self._parts.prefix)
        self._require_known(wanted.function, wanted.trace_hour)
        return wanted

    def _require_known(self, function: str, trace_hour: datetime) -> None:
        if function not in self._parts.decider.functions:
            raise Refused(404, "the experiment has no such function")
        if not self._parts.decider.covers(trace_hour):
            raise Refused(422, "the trace hour is not an hour of the experiment")

    async def _accepted(self, wanted: DispatchRequest, said: "_Said") -> Response:
        now = self._parts.clock.now()
        if wanted.deadline <= now or self._queue.waiting >= self._parts.most_waiting:
            first = await self._queue.accepted(wanted.event_id)
            if first is not None:
                return _json(200, first)
            if wanted.deadline <= now and not said.again:
                raise Refused(422, "the deadline has passed")
            if self._queue.waiting >= self._parts.most_waiting:
                raise Refused(429, "too many invocations wait", {"Retry-After": "10"})
        task = Task(**dict(wanted))
        choice = await self._worker.decide(task)
        due = now if choice.region else choice.at
        answer = {
            "event_id": task.event_id,
            "region": choice.region,
            "run_at": format_utc(due),
            "reason": choice.reason["why"],
        }
        said.decision = {**choice.reason, "region": choice.region, "run_at": answer["run_at"]}
        first = await self._queue.put(replace(task, region=choice.region), due, answer)
        if choice.region:
            self._worker.woken.set()
        return _json(202, answer) if first is None else _json(200, first)

    def _record(self, said: "_Said", response: Response, latency_ms: float) -> None:
        line = {
            "time": format_utc(self._parts.clock.now()),
            "service": SERVICE,
            "region": self._parts.region,
            **said.identity(),
            "status": response.status_code,
            "latency_ms": round(latency_ms, 3),
            **self._usage.fields(),
            "bytes_in": said.bytes_in,
            "bytes_out": len(response.body),
            "cold": False,
            "decision": said.decision,
        }
        self._parts.log.write(line)


@dataclass(slots=True)
class _Said:
    """What is known of a request, for its line in the log."""

    wanted: DispatchRequest | None = None
    bytes_in: int = 0
    attempt: str = ""
    decision: Mapping[str, Any] | None = None

    @property
    def again(self) -> bool:
        """Whether it was sent before: then it was in time once, and runs late rather than never."""
        return self.attempt.isdecimal() and int(self.attempt) > 1

    def identity(self) -> dict[str, str]:
        """Protocol 7.1; empty for what was refused unread."""
        asked_for = self.wanted
        if asked_for is None:
            return dict.fromkeys(("function", "experiment_id", "scenario", "event_id", "trace_hour", "attempt"), "")
        return {
            "function": asked_for.function[:LONGEST],
            "experiment_id": asked_for.experiment_id,
            "scenario": asked_for.scenario,
            "event_id": asked_for.event_id,
            "trace_hour": format_utc(asked_for.trace_hour),
            "attempt": self.attempt,
        }


def _json(status: int, document: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(json.dumps(document), status, headers, "application/json")
