"""All three scenarios over the same virtual hours, one after the other, on six regions of this machine."""

import asyncio
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from planner.data.faas import FUNCTIONS, REGIONS, protocol_days
from planner.domain.instance import Instance
from planner.errors import PlannerError, UsageError
from planner.io.atomic import write_text
from planner.io.instances import save_instance
from planner.io.maps import save_map
from planner.maps.scenario_b import lowest_carbon_map
from planner.protocol import dataset
from planner.protocol.clock import VARIABLE, VirtualClock
from planner.protocol.compare import compare
from planner.protocol.dispatcher.auth import SharedSecret
from planner.protocol.dispatcher.calls import Regions as Urls
from planner.protocol.functions.settings import TOKEN
from planner.protocol.gps_up.results import Comparison
from planner.protocol.log import LineLog
from planner.protocol.metrics.local import Window, metrics_of_logs
from planner.protocol.metrics.scenario import ScenarioMetrics
from planner.protocol.page import comparison_page
from planner.protocol.regions import Regions, regions_up
from planner.protocol.routes import SCENARIOS, Hours, Route, at_once, fixed, mapped, through
from planner.protocol.runner import Runner

EXPERIMENT = "demo"
FIXED_REGION = "europe-west1"
LONGEST_SLACK = max(slack for _, slack, *_ in FUNCTIONS.values())
LEAD_SECONDS = 8.0  # for all processes to start, before the first virtual hour
WARM_SECONDS = 900.0  # real: an instance that started stays, for a virtual quarter of an hour is a blink
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 300.0  # real, for the queue to become empty after its last deadline

Tell = Callable[[str], None]


class DemoFailed(PlannerError):
    """A part of the demo did not do its work; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What is shown: `hours` hours under a policy (spec), `speed` virtual seconds a second; all files in `folder`."""

    folder: Path
    hours: Hours
    policy: str
    speed: float
    forecast: str = "persistence"
    seed: int = 0

    def run(self, tell: Tell) -> Comparison:
        """Inputs, instance and map first, then A, B and C, their metrics and the comparison as JSON and page."""
        instance = self._prepare()
        found = [self._scenario(name, tell) for name in SCENARIOS]
        for metrics in found:
            write_text(self.folder / f"{metrics.scenario}.json", json.dumps(metrics.document()) + "\n")
        comparison = compare(found, instance, seed=self.seed)
        write_text(self.page, comparison_page(comparison))
        return comparison

    @property
    def page(self) -> Path:
        """The comparison, for a browser."""
        return self.folder / "comparison.html"

    @property
    def _instance(self) -> Path:
        return self.folder / "protocol-instance.json"

    @property
    def _map(self) -> Path:
        return self.folder / "protocol-map.csv"

    @property
    def _prefix(self) -> str:
        return (self.folder / "data").resolve().as_uri()

    def _prepare(self) -> Instance:
        if any((self.folder / name).exists() for name in SCENARIOS):
            raise UsageError(f"{self.folder} has the logs of another run: name a new folder")
        dataset.generate(self.folder / "data")
        # What may wait runs after the last hour of the trace: the series goes on until the last deadline.
        days = ceil((self.hours.count + LONGEST_SLACK + 1) / 24)
        instance = protocol_days(self.hours.first, days, seed=self.seed)
        save_instance(instance, self._instance)
        save_map(self._map, lowest_carbon_map(instance), instance)
        return instance

    def _scenario(self, name: str, tell: Tell) -> ScenarioMetrics:
        began, logs = time.perf_counter(), self.folder / name
        clock = VirtualClock(self.hours.first, time.time() + LEAD_SECONDS, self.speed)
        idle = WARM_SECONDS * self.speed
        with regions_up(list(REGIONS), prefix=self._prefix, logs=logs, clock=clock, idle_seconds=idle) as regions:
            if name == "C":
                with self._dispatcher(regions, clock) as url:
                    self._send(name, through(url), regions.token, clock)
                    _await_empty_queue(url)
            else:
                self._send(name, self._at_once(name, regions), regions.token, clock)
        tell(f"scenario {name}: {time.perf_counter() - began:.0f} s")
        return metrics_of_logs(_request_logs(logs), name, Window(experiment_id=EXPERIMENT))

    def _at_once(self, name: str, regions: Regions) -> Route:
        region_of = fixed(FIXED_REGION) if name == "A" else mapped(self._map, self.hours)[0]
        return at_once(Urls(regions.urls), region_of)

    def _send(self, name: str, route: Route, token: str, clock: VirtualClock) -> None:
        with closing(LineLog(self.folder / name / "runner.jsonl")) as log:
            runner = Runner(
                experiment_id=EXPERIMENT,
                scenario=name,
                data=self._prefix,
                route=route,
                tokens=SharedSecret(token),
                clock=clock,
                log=log,
            )
            failed = asyncio.run(runner.run(self.hours)).failed
        if failed:
            raise DemoFailed(f"scenario {name}: {len(failed)} invocations got no positive answer, {failed[0]} first")

    @contextmanager
    def _dispatcher(self, regions: Regions, clock: VirtualClock) -> Iterator[str]:
        """The service of scenario C in a process of its own, until the block ends; where it is."""
        logs = self.folder / "C"
        urls = [f"--region={name}={url}" for name, url in regions.urls.items()]
        files = [
            f"--queue={logs / 'queue.db'}",
            f"--log={logs / 'dispatcher.jsonl'}",
            f"--events={logs / 'events.log'}",
        ]
        choice = [f"--policy={self.policy}", f"--forecast={self.forecast}", f"--seed={self.seed}"]
        command = ["planner", "protocol", "dispatch", str(self._instance), f"--prefix={self._prefix}", *urls]
        process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
            [sys.executable, "-m", *command, *choice, *files, "--port=0", "--supervised"],
            env={**os.environ, **_environment(regions.token, clock)},
            stdin=subprocess.PIPE,  # closes when this process ends, however that happens: so does the dispatcher
            stdout=subprocess.PIPE,
        )
        try:
            yield f"http://127.0.0.1:{_port(process)}"
        finally:
            process.terminate()
            process.communicate()


def behind(found: Comparison) -> list[str]:
    """Scenarios whose figures do not count: they run everything at once, and yet ran some of it too late."""
    return [f"{one.scenario} ({len(one.late)} late)" for one in found.scenarios if one.scenario != "C" and one.late]


def _request_logs(logs: Path) -> list[Path]:
    """Of functions, runner and dispatcher; starts and stops of instances are no requests."""
    return [path for path in sorted(logs.glob("*.jsonl")) if not path.name.startswith("instances-")]


def _environment(token: str, clock: VirtualClock) -> Mapping[str, str]:
    return {TOKEN: token, VARIABLE: str(clock), "NO_PROXY": "127.0.0.1"}


def _port(process: subprocess.Popen[bytes]) -> int:
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        raise DemoFailed("the dispatcher did not start")
    return int(json.loads(line)["port"])


def _await_empty_queue(url: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while _tasks(url):
        if time.monotonic() > end:
            raise DemoFailed("the dispatcher's queue did not become empty")
        time.sleep(LOOK_SECONDS)


def _tasks(url: str) -> float:
    """How many wait or are being worked on."""
    try:
        with _DIRECT.open(f"{url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    except OSError as error:
        raise DemoFailed(f"the dispatcher does not tell what waits: {error}") from error
    states = re.findall(r'^planner_tasks\{state="(\w+)"\} (\S+)', text, re.MULTILINE)
    count = {state: float(tasks) for state, tasks in states}
    return count["queued"] + count["leased"]


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback needs no proxy
