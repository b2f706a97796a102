"""What a durable queue of invocations offers, wherever it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from planner.errors import PlannerError


class QueueUnavailable(PlannerError):
    """The queue cannot be written (a full disk, a service that is down); nothing was accepted."""


@dataclass(frozen=True, slots=True)
class Task:
    """An accepted invocation. `region` None: not decided yet; `attempt` counts its executions begun."""

    event_id: str
    function: str
    trace_hour: datetime
    deadline: datetime
    experiment_id: str
    scenario: str
    payload: Mapping[str, Any]
    region: str | None = None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tasks wait, are being worked on, have a committed result; attempts after the first. None: not known."""

    queued: int
    leased: int | None
    done: int | None
    reexecutions: int
    duplicates: int | None  # results that came after one was committed


class Queue(Protocol):
    """At least once: a task is handed out until its result is committed; a committed result is never replaced.

    Every call returns when what it says is durable. QueueUnavailable: it could not be made so.
    """

    async def put(self, task: Task, due: datetime, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Accept a task, to be handed out from `due` on. The first answer where its event id was accepted before."""

    async def accepted(self, event_id: str) -> Mapping[str, Any] | None:
        """The answer given to an event id, if it was accepted."""

    async def lease(self, now: datetime, most: int) -> list[Task]:
        """Tasks that are due, for this caller alone until the lease ends; one with a region counts as an attempt."""

    async def again(self, task: Task, due: datetime) -> None:
        """Give a leased task back with its (new) region, to be handed out from `due` on."""

    async def done(self, event_id: str, result: Mapping[str, Any]) -> bool:
        """Commit the result of an execution. False: there is one already, which stands."""

    async def counts(self) -> Counts:
        """Where all tasks stand."""

    @property
    def waiting(self) -> int:
        """Tasks without a result, as far as this process knows, at no cost: for back-pressure."""

    async def close(self) -> None:
        """End after all that was asked for is durable."""
