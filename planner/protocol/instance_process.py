"""The instance of a region: a worker process that is started when it is needed, stopped when not, and accounted for."""

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from planner.io.clock import format_utc
from planner.protocol.clock import parse_clock
from planner.protocol.functions.settings import Settings
from planner.protocol.functions.worker import SUPERVISED
from planner.protocol.log import LineLog

START_SECONDS = 60.0
STOP_SECONDS = 65.0  # longer than a worker may drain
COMMAND = (sys.executable, "-m", "planner.protocol.functions.worker", SUPERVISED)


class NoInstance(Exception):
    """A worker ended before it was ready, or did not get ready in time."""


@dataclass(frozen=True, slots=True)
class _Running:
    process: asyncio.subprocess.Process
    port: int
    since: float
    cpu_before: float


class Instances:
    """At most one instance at a time, as of a service with a maximum of one.

    The log has a line when one starts ("start", with how long it took) and one when it ended ("stop", with its life
    and processor time; seconds are real, `time` is the clock's).
    """

    def __init__(self, settings: Settings, log: LineLog) -> None:
        self._settings, self._log, self._clock = settings, log, parse_clock(settings.clock)
        self._running: _Running | None = None
        self._lock = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Of the instance; None: there is none."""
        return self._running.process.pid if self._running else None

    async def ready(self) -> tuple[int, float]:
        """The port of an instance, started if need be, and the milliseconds that this took. NoInstance: it failed."""
        asked = time.perf_counter()
        async with self._lock:
            await self._reap()
            if self._running is None:
                self._running = await self._started()
            return self._running.port, 1e3 * (time.perf_counter() - asked)

    async def stop(self, reason: str, *, unless: Callable[[], bool] = lambda: False) -> None:
        """Stop the instance after its last request; `unless`: asked once no other start or stop is under way."""
        async with self._lock:
            if self._running is None or unless():
                return
            process = self._running.process
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
            self._ended(reason)

    async def reap(self) -> None:
        """Account for an instance that ended by itself."""
        if not self._lock.locked():
            async with self._lock:
                await self._reap()

    async def _reap(self) -> None:
        if self._running and self._running.process.returncode is not None:
            self._ended("died")

    async def _started(self) -> _Running:
        since, cpu_before = time.perf_counter(), _cpu_of_ended_children()
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            env={**os.environ, **self._settings.environment()},
            stdin=asyncio.subprocess.PIPE,  # it closes when this process ends: the worker then ends too
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            port = await asyncio.wait_for(_announced(process), START_SECONDS)
        except (NoInstance, TimeoutError):
            if process.returncode is None:
                process.kill()
            await process.wait()
            raise NoInstance from None
        startup_ms = round(1e3 * (time.perf_counter() - since), 3)
        self._write("start", pid=process.pid, startup_ms=startup_ms, cold=True)
        return _Running(process, port, since, cpu_before)

    def _ended(self, reason: str) -> None:
        ended, self._running = self._running, None
        if ended is None:
            return
        self._write(
            "stop",
            pid=ended.process.pid,
            reason=reason,
            seconds=round(time.perf_counter() - ended.since, 6),
            cpu_seconds=round(_cpu_of_ended_children() - ended.cpu_before, 6),
        )

    def _write(self, event: str, **fields: object) -> None:
        place = {"service": self._settings.service, "region": self._settings.region}
        self._log.write({"time": format_utc(self._clock.now()), "event": event, **place, **fields})


async def _announced(process: asyncio.subprocess.Process) -> int:
    if process.stdout is None:
        raise NoInstance
    line = await process.stdout.readline()
    if not line:
        raise NoInstance
    return int(json.loads(line)["port"])


def _cpu_of_ended_children() -> float:
    """Instances follow one another: the difference over the life of one is its own."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
