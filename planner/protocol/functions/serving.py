"""A uvicorn server on loopback or in a container that drains before it ends and does not outlive its parent."""

import asyncio
import json
import os
import socket
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any, Literal

import uvicorn

from planner.protocol.functions.traffic import Traffic

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_SECONDS = 60.0
ORPHANED = 70


class DrainingServer(uvicorn.Server):
    """On SIGTERM or SIGINT new requests are refused (503) while those in hand end; on a second one it ends at once."""

    def __init__(self, config: uvicorn.Config, traffic: Traffic) -> None:
        super().__init__(config)
        self._traffic = traffic
        self._drained: asyncio.Task[None] | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called by uvicorn's signal handler, between two instructions of the event loop's thread."""
        if self._traffic.draining or not self.started:
            super().handle_exit(sig, frame)
            return
        self._traffic.draining = True
        self._loop.call_soon_threadsafe(self._drain)

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal."""
        self._loop = asyncio.get_running_loop()
        await super().serve(sockets)

    def _drain(self) -> None:
        self._drained = self._loop.create_task(self._end_when_idle())

    async def _end_when_idle(self) -> None:
        end = self._loop.time() + GRACE_SECONDS
        while self._traffic.in_flight and self._loop.time() < end:
            await asyncio.sleep(0.02)
        self.should_exit = True


def serve(
    app: "ASGIApp", traffic: Traffic, *, host: str, port: int, supervised: bool, http: Literal["h11", "auto"] = "h11"
) -> None:
    """Serve until SIGTERM on a port, 0 for any free one; `http` auto: by httptools, which is faster, where installed.

    `supervised`: a line on stdout tells the parent the port, and the server ends when the parent is gone.
    """
    listener = socket.create_server((host, port), backlog=1024)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, http=http, **_LIMITS)
    if supervised:
        _announce(listener.getsockname()[1])
        threading.Thread(target=_end_with_parent, daemon=True).start()
    DrainingServer(config, traffic).run(sockets=[listener])


# Runners keep connections for as long as a virtual hour is quiet; a request's head may not grow without bound.
_LIMITS: dict[str, Any] = {
    "ws": "none",
    "timeout_keep_alive": 30,
    "h11_max_incomplete_event_size": 65_536,
}


def _announce(port: int) -> None:
    # The listener exists: connections made from now on wait for the event loop instead of being refused.
    sys.stdout.write(json.dumps({"port": port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody reads on: a full pipe would stop us


def _end_with_parent() -> None:
    """The parent holds the other end of stdin: it closes when the parent ends, however that happened."""
    while os.read(0, 4096):
        pass
    os._exit(ORPHANED)  # no draining: who waited for an answer waited for the parent
