"""What ran in a scenario, as columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from planner.data.faas import FUNCTIONS
from planner.domain.instance import Bools, Floats, Ints
from planner.errors import InvalidInput
from planner.io.clock import parse_utc
from planner.protocol.gps_up.grid import Grid
from planner.protocol.metrics.scenario import Execution, ScenarioMetrics
from planner.protocol.trace import Invocation

NAMES = tuple(FUNCTIONS)
_NUMBER = {name: n for n, name in enumerate(NAMES)}
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """(n,) executions: function, region, hour and CI of execution, seconds, how many a row stands for.

    `event` numbers the invocations of the comparison; `committed` tells their results from repetitions, `done`
    successes from failures. A row of monitoring is an hour of a region, which has no event (-1).
    """

    event: Ints
    function: Ints
    region: Ints
    hour: Ints
    intensity: Floats
    seconds: Floats
    count: Floats
    committed: Bools
    done: Bools

    def energy(self, seconds: Floats) -> Floats:
        """(n,) E* = T x CI of each row, s g/kWh."""
        return self.count * seconds * self.intensity


def of_executions(metrics: ScenarioMetrics, number: Mapping[str, int], grid: Grid) -> Runs:
    """The executions, repeated ones too, of the invocations that have a number."""
    rows = [e for e in (*metrics.executions, *metrics.repeated) if e.event_id in number]
    committed = sum(e.event_id in number for e in metrics.executions)
    return _runs(
        grid,
        event=[number[e.event_id] for e in rows],
        function=[_function(e.function) for e in rows],
        region=[grid.region(e.region) for e in rows],
        hour=[grid.hour(parse_utc(e.time, "time")) for e in rows],
        seconds=[e.latency_ms / 1000 for e in rows],
        count=[1] * len(rows),
        committed=[n < committed for n in range(len(rows))],
        done=[e.status < 300 for e in rows],
    )


def of_hours(metrics: ScenarioMetrics, grid: Grid) -> Runs:
    """What monitoring tells, the dispatcher left out: it is no function."""
    rows = [h for h in metrics.by_hour if h.function in _NUMBER]
    return _runs(
        grid,
        event=[-1] * len(rows),
        function=[_function(h.function) for h in rows],
        region=[grid.region(h.region) for h in rows],
        hour=[grid.hour(parse_utc(h.hour, "hour")) for h in rows],
        seconds=[h.mean_latency_ms / 1000 for h in rows],
        count=[h.requests for h in rows],
        committed=[True] * len(rows),
        done=[True] * len(rows),
    )


def delays(executions: Iterable[Execution], planned: Mapping[str, Invocation]) -> tuple[Floats, Bools]:
    """(n,) seconds from invocation to the start of its execution, and whether that was at its deadline or later."""
    begun = [(parse_utc(e.time, "time"), planned[e.event_id]) for e in executions if e.event_id in planned]
    waited = np.array([(begin - call.at) / SECOND for begin, call in begun], dtype=np.float64)
    return waited, np.array([begin >= call.deadline for begin, call in begun], dtype=np.bool_)


def _function(name: str) -> int:
    if name not in _NUMBER:
        raise InvalidInput("function", repr(name), f"one of {', '.join(NAMES)}")
    return _NUMBER[name]


def _runs(grid: Grid, *, committed: list[bool], done: list[bool], **columns: list[int] | list[float]) -> Runs:
    numbers = {name: np.array(columns[name], dtype=np.int64) for name in ("event", "function", "region", "hour")}
    return Runs(
        **numbers,
        intensity=grid.intensity(numbers["region"], numbers["hour"]),
        seconds=np.array(columns["seconds"], dtype=np.float64),
        count=np.array(columns["count"], dtype=np.float64),
        committed=np.array(committed, dtype=np.bool_),
        done=np.array(done, dtype=np.bool_),
    )
