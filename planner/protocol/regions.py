"""Regions as processes on loopback: started together, watched, restarted where they fall, stopped cleanly."""

import json
import logging
import os
import re
import secrets
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from planner.errors import PlannerError, UsageError
from planner.extras import require_extra
from planner.protocol.clock import Clock, RealClock
from planner.protocol.functions.inputs import inputs_under
from planner.protocol.functions.settings import Settings

log = logging.getLogger("planner")

IDLE_SECONDS = 900.0  # about as long as Cloud Run keeps an idle instance
WATCH_SECONDS = 0.5
UNHEALTHY_AFTER = 10  # failed looks in a row: a busy machine answers late, a dead process not at all
STOP_SECONDS = 90.0

NAME = re.compile(r"[a-z0-9-]{1,63}")
NEEDED = ("fastapi", "uvicorn", "httpx", "cryptography", "PIL", "av")


class RegionFailed(PlannerError):
    """A region did not start; the message says which, its own words are on stderr."""


class _Region:
    """One supervisor process, on the same port however often it is started."""

    def __init__(self, settings: Settings, arguments: Sequence[str]) -> None:
        self.name, self._arguments = settings.region, arguments
        self._environment = {**os.environ, **settings.environment()}
        self.port = self.starts = self._failures = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-m", "planner.protocol.supervisor", "--port", str(self.port), *self._arguments],
            env=self._environment,
            stdin=subprocess.PIPE,  # closes when this process ends, however that happens: so does the region
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches us, and we stop it in order
        )
        self.starts += 1
        self._told = False

    def await_start(self) -> None:
        line = self.process.stdout.readline() if self.process.stdout else b""
        if not line:
            self.stop()
            raise RegionFailed(f"region {self.name} did not start")
        self.port = int(json.loads(line)["port"])

    def look(self) -> None:
        """Restart it where it ended or answers no longer."""
        if self.process.poll() is None and self._healthy():
            self._failures = 0
            return
        self._failures += 1
        if self.process.poll() is not None or self._failures >= UNHEALTHY_AFTER:
            self.process.kill()
            self.stop()
            self._failures = 0
            self.start()
            self.await_start()

    def terminate(self) -> None:
        """Let it drain; once, for a second signal would cut its draining short."""
        if not self._told:
            self._told = True
            self.process.terminate()

    def stop(self) -> None:
        """Let it drain, wait for its end, and close what was open to it."""
        self.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def _healthy(self) -> bool:
        try:
            with _DIRECT.open(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy


class Regions:
    """Regions that are up. `urls`: by name; `token`: what their functions ask for; `logs`: the folder of their logs."""

    def __init__(self, regions: Mapping[str, _Region], token: str, logs: Path) -> None:
        self._regions, self.token, self.logs = regions, token, logs
        self.urls = {name: region.url for name, region in regions.items()}
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._restarting, daemon=True)
        self._watch.start()

    def pid(self, name: str) -> int:
        """Of a region's supervisor; another one after a restart."""
        return self._regions[name].process.pid

    @property
    def starts(self) -> dict[str, int]:
        """How often each region was started; more than once: it fell."""
        return {name: region.starts for name, region in self._regions.items()}

    def request_log(self, name: str) -> Path:
        """One line a request to the functions of a region (log.RequestLine)."""
        return _request_log(self.logs, name)

    def instance_log(self, name: str) -> Path:
        """One line for each start and stop of an instance."""
        return _instance_log(self.logs, name)

    def end_watch(self) -> None:
        """Restart nothing any more."""
        self._over.set()
        self._watch.join()

    def _restarting(self) -> None:
        while not self._over.wait(WATCH_SECONDS):
            for region in self._regions.values():
                try:
                    region.look()
                except RegionFailed as error:
                    log.warning("warning: %s; trying again", error)


@contextmanager
def regions_up(
    names: Sequence[str],
    *,
    prefix: str,
    logs: Path,
    token: str | None = None,
    clock: Clock | None = None,
    idle_seconds: float = IDLE_SECONDS,
    rtt_ms: Mapping[str, float] | None = None,
    slow_down: Mapping[str, float] | None = None,
    concurrency: int = 2,
) -> Iterator[Regions]:
    """Regions with all four functions, until the block ends.

    `prefix`: where inputs may be read (gs:// or file://); `logs`: a folder; `token`: a new one by default;
    `idle_seconds`: of the clock, until an instance is stopped; `rtt_ms`: real milliseconds added per region;
    `slow_down`: factor per region on the time of work; `concurrency`: pieces of heavy work at a time, per region.
    UsageError: no region, one twice, no such prefix, or a factor below 1. MissingExtra. RegionFailed: one did not
    start.
    """
    require_extra("serve", "the functions need", *NEEDED)
    inputs_under(prefix)  # told here, not by every worker
    _checked(names, rtt_ms or {}, slow_down or {}, idle_seconds)
    logs.mkdir(parents=True, exist_ok=True)
    clock = clock or RealClock()
    common = Settings(
        region="",
        prefix=prefix,
        token=token or secrets.token_urlsafe(32),
        clock=str(clock),
        concurrency=concurrency,
    )
    with ExitStack() as stack:
        regions = {}
        for name in names:
            log_file, factor = str(_request_log(logs, name)), (slow_down or {}).get(name, 1.0)
            arguments = _arguments(
                clock.real_seconds(idle_seconds), (rtt_ms or {}).get(name, 0.0), _instance_log(logs, name)
            )
            regions[name] = _Region(replace(common, region=name, log=log_file, slow_down=factor), arguments)
            stack.callback(regions[name].stop)
        yield stack.enter_context(_watched(regions, common.token or "", logs))


@contextmanager
def _watched(regions: Mapping[str, _Region], token: str, logs: Path) -> Iterator[Regions]:
    for region in regions.values():  # they start at the same time
        region.await_start()
    up = Regions(regions, token, logs)
    try:
        yield up
    finally:
        up.end_watch()
        for region in regions.values():  # and drain at the same time, before the first is waited for
            region.terminate()


def _arguments(idle_seconds: float, rtt_ms: float, instance_log: Path) -> list[str]:
    times = ["--idle-seconds", str(idle_seconds), "--round-trip-seconds", str(rtt_ms / 1e3)]
    return [*times, "--instance-log", str(instance_log)]


def _checked(names: Sequence[str], rtt: Mapping[str, float], slow_down: Mapping[str, float], idle: float) -> None:
    if not names or len(set(names)) < len(names):
        raise UsageError(f"name at least one region, and each once: not {', '.join(names) or 'none'}")
    for name in names:
        if not NAME.fullmatch(name):  # it becomes part of a file's name
            raise UsageError(f"a region's name has small letters, digits and hyphens only: not '{name}'")
    for name in [*rtt, *slow_down]:
        if name not in names:
            raise UsageError(f"'{name}' is not among the regions {', '.join(names)}")
    if not idle > 0:
        raise UsageError(f"idle seconds must be positive, not {idle}")


def _request_log(logs: Path, name: str) -> Path:
    return logs / f"functions-{name}.jsonl"


def _instance_log(logs: Path, name: str) -> Path:
    return logs / f"instances-{name}.jsonl"
