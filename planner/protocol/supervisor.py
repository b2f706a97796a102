"""A region on loopback, `python -m planner.protocol.supervisor`: it has an instance only while it needs one.

The first request starts a worker, a real cold start; after a time without requests the worker is stopped. A request's
way to the region and back may be lengthened by a round trip.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from planner.protocol.functions.body import bounded_body
from planner.protocol.functions.gate import WAITED, refusal
from planner.protocol.functions.serving import serve
from planner.protocol.functions.settings import from_environment
from planner.protocol.functions.traffic import Traffic
from planner.protocol.instance_process import Instances, NoInstance
from planner.protocol.log import LineLog

ANSWER_SECONDS = 600.0
# Of one connection (RFC 9110, 7.6.1), or set anew on the way to the worker.
NOT_FORWARDED = frozenset(
    {b"connection", b"content-length", b"expect", b"host", b"transfer-encoding", b"te", b"upgrade"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Real seconds: without requests until the worker is stopped, and of a round trip to the region."""

    idle_seconds: float
    round_trip_seconds: float = 0.0


class Supervisor:
    """One region: forwards requests to its instance, which it starts and stops."""

    def __init__(self, instances: Instances, traffic: Traffic, behaviour: Behaviour) -> None:
        self._instances, self._traffic, self._behaviour = instances, traffic, behaviour
        self._client = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, limits=httpx.Limits())

    def app(self) -> Starlette:
        """The region as an ASGI application."""
        routes = [Route("/healthz", self.health), Mount("/", self.forward)]
        return Starlette(routes=routes, lifespan=self._lifespan)

    async def health(self, _request: Request) -> Response:
        """Whether the region takes requests; asking does not start an instance."""
        status = "draining" if self._traffic.draining else "ok"
        found = {"status": status, "pid": os.getpid(), "instance": self._instances.pid}
        return JSONResponse({**found, "in_flight": self._traffic.in_flight})

    async def forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Any other request, whatever its method and path."""
        request = Request(scope, receive)
        if self._traffic.draining:
            await refusal(503, "draining", {"Retry-After": "1"})(scope, receive, send)
            return
        with self._traffic.request():
            await asyncio.sleep(self._behaviour.round_trip_seconds / 2)
            answer = await self._answer(request)
            await asyncio.sleep(self._behaviour.round_trip_seconds / 2)
            await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            body = await bounded_body(request)
            port, waited_ms = await self._instances.ready()
            return _copied(await self._client.send(_forwarded(request, body, port, waited_ms)))
        except ClientDisconnect:
            return refusal(408, "the request did not arrive")
        except httpx.InvalidURL:
            return refusal(404, "no such function")
        except (NoInstance, httpx.TransportError):
            # The instance died under the request, or did not start: a client that asks again gets a new one.
            return refusal(503, "the instance failed", {"Retry-After": "1"})

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        watch = asyncio.create_task(self._scale_to_zero())
        try:
            yield
        finally:
            watch.cancel()
            await self._instances.stop("region stopped")
            await self._client.aclose()

    async def _scale_to_zero(self) -> None:
        patience = self._behaviour.idle_seconds
        while True:
            await asyncio.sleep(min(0.2, patience / 4))
            await self._instances.reap()
            if self._traffic.idle_seconds > patience:
                await self._instances.stop("idle", unless=lambda: self._traffic.idle_seconds <= patience)


def _forwarded(request: Request, body: bytes, port: int, waited_ms: float) -> httpx.Request:
    headers = [(k, v) for k, v in request.headers.raw if k not in NOT_FORWARDED and k != WAITED.lower().encode()]
    headers.append((WAITED.encode(), f"{waited_ms:.3f}".encode()))
    path = request.scope["raw_path"] + (b"?" + request.scope["query_string"] if request.scope["query_string"] else b"")
    if not path.startswith(b"/"):
        raise httpx.InvalidURL("not a path")
    url = httpx.URL(f"http://127.0.0.1:{port}").copy_with(raw_path=path)
    return httpx.Request(request.method, url, headers=headers, content=body)


def _copied(answer: httpx.Response) -> Response:
    kept = {
        name: answer.headers[name] for name in ("retry-after", "www-authenticate", "allow") if name in answer.headers
    }
    return Response(answer.content, answer.status_code, kept, answer.headers.get("content-type"))


def main(arguments: Sequence[str]) -> None:
    """Serve one region; settings of its functions are in the environment (functions.settings)."""
    parser = argparse.ArgumentParser(description="One region on loopback; started by planner.protocol.regions.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--idle-seconds", type=float, required=True, help="real seconds")
    parser.add_argument("--round-trip-seconds", type=float, default=0.0)
    parser.add_argument("--instance-log", required=True, help="a file of instances that started and stopped")
    options = parser.parse_args(arguments)
    traffic = Traffic()
    instances = Instances(from_environment(), LineLog(options.instance_log))
    behaviour = Behaviour(idle_seconds=options.idle_seconds, round_trip_seconds=options.round_trip_seconds)
    app = Supervisor(instances, traffic, behaviour).app()
    serve(app, traffic, host="127.0.0.1", port=options.port, supervised=True)


if __name__ == "__main__":
    main(sys.argv[1:])
