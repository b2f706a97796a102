"""Carries out what is due: asks the decider again, calls the region, commits the result; whatever fails comes again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar

from planner.io.clock import format_utc
from planner.protocol.clock import Clock
from planner.protocol.dispatcher.calls import Caller, Outcome
from planner.protocol.dispatcher.decider import Choice, Decider
from planner.protocol.dispatcher.journal import Journal
from planner.protocol.dispatcher.meters import Meters
from planner.protocol.dispatcher.queue import Queue, QueueUnavailable, Task

T = TypeVar("T")
LOOK_SECONDS = 0.05  # between two looks at the queue, in real time
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0  # seconds of real time before another attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`most`: calls in hand at a time. Every step is in the log of events."""

    queue: Queue
    decider: Decider
    caller: Caller
    clock: Clock
    events: Journal
    meters: Meters
    most: int
    woken: asyncio.Event

    async def run(self) -> None:
        """Until it is cancelled; then what is in hand is cancelled too, to be done again after the next start."""
        async with asyncio.TaskGroup() as group:
            in_hand: set[asyncio.Task[None]] = set()
            while True:
                self.woken.clear()
                found = await self._due(self.most - len(in_hand))
                for task in found:
                    work = group.create_task(self._carry_out(task))
                    in_hand.add(work)
                    work.add_done_callback(in_hand.discard)
                if len(in_hand) == self.most:
                    await asyncio.wait(in_hand, return_when=asyncio.FIRST_COMPLETED)
                elif not found:
                    await self._pause()

    async def decide(self, task: Task) -> Choice:
        """What becomes of a task now; a new hour is decided beside the event loop."""
        now = self.clock.now()
        if self.decider.behind(now):
            await asyncio.to_thread(self.decider.advance, now)
        return self.decider.choose(task.function, task.trace_hour, task.event_id, deadline=task.deadline, now=now)

    async def settle(self, task: Task) -> Choice:
        """Decide a task that waited, and give it back: to be run now, or to be asked about again."""
        choice = await self.decide(task)
        due = choice.at if choice.region is None else self.clock.now()
        await _durably(lambda: self.queue.again(replace(task, region=choice.region), due))
        self._tell(task, "decided", {"run_in": choice.region, "at": format_utc(due), "decision": dict(choice.reason)})
        return choice

    async def _due(self, most: int) -> list[Task]:
        try:
            return await self.queue.lease(self.clock.now(), most)
        except QueueUnavailable as error:
            self.events.write({"event": "queue unavailable", "error": str(error)})
            await asyncio.sleep(1.0)
            return []

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), LOOK_SECONDS)

    async def _carry_out(self, task: Task) -> None:
        try:
            if task.region is None:
                await self.settle(task)
            else:
                await self._run(task)
        except Exception as error:  # noqa: BLE001  # one task must not end the worker; it comes again
            self._tell(task, "failed", {"error": f"{type(error).__name__}: {error}"})
            await _durably(lambda: self.queue.again(task, self._later(task)))

    async def _run(self, task: Task) -> None:
        if task.attempt > 1:
            self.meters.repeated.inc()
        outcome = await self.caller.call(task)
        ended = self.clock.now()
        late = ended > task.deadline
        self.meters.executions.labels(task.region, str(outcome.result["status"])).inc()
        if outcome.final:
            await self._commit(task, outcome, ended)
        else:
            await _durably(lambda: self.queue.again(task, self._later(task)))
        self._tell(task, "executed", {"attempt": task.attempt, "late": late, "final": outcome.final, **outcome.result})

    async def _commit(self, task: Task, outcome: Outcome, ended: datetime) -> None:
        late = ended > task.deadline
        said = {**outcome.result, "ended": format_utc(ended), "late": late}
        if await _durably(lambda: self.queue.done(task.event_id, said)):
            self.meters.late.inc(late)
        else:
            self._tell(task, "duplicate", said)

    def _later(self, task: Task) -> datetime:
        """When to try again: real seconds that double, told apart by the event, on the experiment's clock."""
        spread = int.from_bytes(sha256(f"{task.event_id}/{task.attempt}".encode()).digest()[:4]) / 2**32
        pause = min(FIRST_PAUSE * 2 ** min(task.attempt, 20), LONGEST_PAUSE) * (0.5 + spread / 2)
        return self.clock.now() + timedelta(seconds=pause / self.clock.real_seconds(1.0))

    def _tell(self, task: Task, event: str, facts: dict[str, Any]) -> None:
        """One line with the identity of the invocation (protocol 7.1)."""
        named = {"event_id": task.event_id, "function": task.function, "trace_hour": format_utc(task.trace_hour)}
        whole = {"experiment_id": task.experiment_id, "scenario": task.scenario, "region": task.region}
        self.events.write({"time": format_utc(self.clock.now()), "event": event, **named, **whole, **facts})


async def _durably(write: Callable[[], Awaitable[T]]) -> T:
    """Try until the queue can be written: what was executed must be committed, however long the disk is full."""
    while True:
        try:
            return await write()
        except QueueUnavailable:
            await asyncio.sleep(0.5)
