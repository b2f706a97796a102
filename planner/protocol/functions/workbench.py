"""Where the work is done: on threads, a few at a time, so that the event loop stays free for health checks."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import anyio
from anyio.to_thread import run_sync

from planner.protocol.functions.outcome import Outcome

Work = Callable[[], Outcome]


@dataclass(frozen=True, slots=True)
class Done:
    """An outcome; `seconds` it took and `cpu_seconds` its thread was busy."""

    outcome: Outcome
    seconds: float
    cpu_seconds: float


class Workbench:
    """`places`: pieces of work at a time; `slow_down`: how many times as long as here each takes."""

    def __init__(self, places: int, slow_down: float) -> None:
        self._places, self._slow_down = anyio.CapacityLimiter(places), slow_down

    async def do(self, work: Work) -> Done:
        """Do it on a thread; what it raises, this raises."""
        return await run_sync(self._slowed, work, limiter=self._places)

    def at_once(self, work: Work) -> Done:
        """Do light work here and now: it must not wait behind the heavy."""
        return _timed(work)

    def _slowed(self, work: Work) -> Done:
        done = _timed(work)
        # A slower machine is pretended by waiting: the cores here belong to the other regions too.
        time.sleep((self._slow_down - 1) * done.seconds)
        return Done(done.outcome, self._slow_down * done.seconds, done.cpu_seconds)


def _timed(work: Work) -> Done:
    began, busy = time.perf_counter(), time.thread_time()
    outcome = work()
    return Done(outcome, time.perf_counter() - began, time.thread_time() - busy)
