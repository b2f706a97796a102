"""A virtual day of scenario C on real regions, in which the dispatcher is killed 20 times and two regions once each."""

import asyncio
import os
import random
import signal
import socket
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from planner.data.faas import REGIONS, protocol_days
from planner.protocol import dataset
from planner.protocol.clock import VirtualClock
from planner.protocol.compare import compare
from planner.protocol.dispatcher.auth import SharedSecret
from planner.protocol.dispatcher.queue_sqlite import results
from planner.protocol.log import LineLog, read_lines
from planner.protocol.metrics.local import Window, metrics_of_logs
from planner.protocol.regions import regions_up
from planner.protocol.routes import Hours, through
from planner.protocol.runner import Runner
from planner.protocol.trace import hourly
from tests.unit.protocol.dispatcher.conftest import HOUR, START, stamp
from tests.unit.protocol.dispatcher.killable import Killable
from tests.unit.protocol.test_regions import until

SPEED = 240.0  # a day in six minutes
KILLS = 20
PATIENCE_SECONDS = 900.0


@pytest.mark.slow
def test_nothing_is_lost_where_dispatcher_and_regions_die(tmp_path: Path) -> None:
    dataset.generate(tmp_path / "data")
    prefix = (tmp_path / "data").as_uri()
    days = protocol_days(START, 2)  # what waits runs after the day
    hours, clock = Hours(START, 24), VirtualClock(START, time.time() + 10, SPEED)
    planned = {call.event_id: call for hour in range(hours.count) for call in hourly(START + hour * HOUR)}
    with (
        closing(LineLog(tmp_path / "runner.jsonl")) as log,
        regions_up(list(REGIONS), prefix=prefix, logs=tmp_path, clock=clock, idle_seconds=900 * SPEED) as up,
    ):
        port = free_port()
        service = Killable(
            tmp_path,
            days,
            regions=up.urls,
            prefix=prefix,
            token=up.token,
            clock=str(clock),
            port=port,
        )
        service.start()
        runner = Runner(
            experiment_id="crashes",
            scenario="C",
            data=prefix,
            route=through(f"http://127.0.0.1:{port}"),
            tokens=SharedSecret(up.token),
            clock=clock,
            log=log,
            attempts=50,  # it must outlive each start of the dispatcher
        )
        failed: list[tuple[str, ...]] = []
        sending = threading.Thread(target=lambda: failed.append(asyncio.run(runner.run(hours)).failed))
        sending.start()
        draw = random.Random(0)
        victims = dict(zip((5, 13), draw.sample(sorted(up.urls), 2), strict=True))
        for kill in range(KILLS):
            time.sleep(draw.uniform(8, 20))
            service.end(signal.SIGKILL)
            if kill in victims:
                os.kill(up.pid(victims[kill]), signal.SIGKILL)
            service.start()
        sending.join()
        until(lambda: len(results(service.queue)) == len(planned), PATIENCE_SECONDS)
        service.end(signal.SIGTERM)
    assert failed == [()]
    found = results(service.queue)
    assert set(found) == set(planned)
    assert {result["status"] for result in found.values()} == {200}

    logs = [path for path in sorted(tmp_path.glob("*.jsonl")) if not path.name.startswith(("instances-", "events"))]
    metrics = metrics_of_logs(logs, "C", Window(experiment_id="crashes"))
    assert (len(metrics.executions), metrics.unfinished) == (len(planned), ())
    # Every run of a function is in its log; the second and later ones of an event are listed apart, and charged.
    lines = [line for path in tmp_path.glob("functions-*.jsonl") for line in read_lines(path)]
    ran = Counter(str(line["event_id"]) for line in lines if int(str(line["status"])) < 300)
    assert set(ran) == set(planned)
    again = sum(ran.values()) - len(planned)
    assert sum(run.status < 300 for run in metrics.repeated) == again
    assert sum(
        service.requests for service in metrics.services if service.service in {c.function for c in planned.values()}
    ) == len(lines)
    calm = replace(metrics, scenario="A", repeated=())  # the same day without its second runs
    quiet, crashed = compare([calm, metrics], days, resamples=10).scenarios
    assert crashed.repeated + crashed.failed == len(metrics.repeated)
    assert (crashed.energy_measured > quiet.energy_measured) == bool(metrics.repeated)
    late = {run.event_id for run in metrics.executions if run.time >= stamp(planned[run.event_id].deadline)}
    assert set(crashed.late or ()) == late


def free_port() -> int:
    """One that nobody listens on now; the dispatcher asks for it again after every kill."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
