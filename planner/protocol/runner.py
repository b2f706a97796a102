"""The hourly job: makes the invocations of a trace, each at its own second, whatever becomes of the others."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx

from planner.errors import UsageError
from planner.io.clock import format_utc
from planner.protocol.clock import Clock
from planner.protocol.dataset import resolved
from planner.protocol.dispatcher.auth import Tokens
from planner.protocol.dispatcher.calls import FINAL, MAX_SECONDS, headers
from planner.protocol.dispatcher.queue import Task
from planner.protocol.log import LineLog
from planner.protocol.routes import Hours, Route
from planner.protocol.trace import HOUR, Invocation, hourly, lines

log = logging.getLogger("planner")

SCHEMA = "planner.protocol-run/1"
MOST_CALLS = 64  # at a time; more than a second of the trace ever has
ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # real seconds before another attempt; they double


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """`data`: the URI under which functions find their inputs. Each invocation is a line of `log`."""

    experiment_id: str
    scenario: str
    data: str
    route: Route
    tokens: Tokens
    clock: Clock
    log: LineLog
    most_calls: int = MOST_CALLS
    attempts: int = ATTEMPTS

    async def run(self, hours: Hours) -> "Summary":
        """All invocations of some hours; returns when each has its answer or has been given up."""
        limit, pending = asyncio.Semaphore(self.most_calls), []
        async with _client() as client, asyncio.TaskGroup() as group:
            for call in calls(hours):
                await self.clock.sleep_until(call.at)
                pending.append(group.create_task(self._invoke(client, limit, call)))
        return _summary(hours, [task.result() for task in pending])

    async def _invoke(self, client: httpx.AsyncClient, limit: asyncio.Semaphore, call: Invocation) -> "Sent":
        """Attempts with the same event id until an answer is final, and the line of it all."""
        task = self._task(call)
        async with limit:
            sent = self.clock.now()
            answer = await self._attempt(client, task)
        while not answer.final and task.attempt < self.attempts:
            await asyncio.sleep(_pause(task.attempt, answer.retry_after))
            task = replace(task, attempt=task.attempt + 1)
            async with limit:
                answer = await self._attempt(client, task)
        result = Sent(call, sent, self.clock.now(), task.attempt, answer)
        self._record(self._line(task, result))
        return result

    async def _attempt(self, client: httpx.AsyncClient, task: Task) -> "Answer":
        post = self.route(task)
        try:
            token = await self.tokens.token(post.audience)
            known = {**headers(task), "Authorization": f"Bearer {token}"}
            response = await client.post(post.url, json=post.body, headers=known)
        except Exception as error:  # noqa: BLE001  # one invocation must not end the others; it is made again
            return Answer(post.url, None, error=f"{type(error).__name__}: {error}")
        return _answer(post.url, response)

    def _task(self, call: Invocation) -> Task:
        return Task(
            event_id=call.event_id,
            function=call.function,
            trace_hour=call.trace_hour,
            deadline=call.deadline,
            experiment_id=self.experiment_id,
            scenario=self.scenario,
            payload=resolved(call.payload, self.data),
            attempt=1,
        )

    def _record(self, line: Mapping[str, Any]) -> None:
        try:
            self.log.write(line)
        except OSError as error:  # a full disk must not end the experiment
            log.warning("warning: %s; not in the log: %s", error, json.dumps(line))

    def _line(self, task: Task, result: "Sent") -> dict[str, Any]:
        """Protocol 7.1; no `latency_ms`, for it is no request to a service."""
        return {
            "time": format_utc(result.sent),
            "service": "runner",
            "experiment_id": task.experiment_id,
            "scenario": task.scenario,
            "event_id": task.event_id,
            "function": task.function,
            "trace_hour": format_utc(task.trace_hour),
            "planned": format_utc(result.call.at),
            "sent": format_utc(result.sent),
            "answered": format_utc(result.answered),
            "attempts": result.attempts,
            "status": result.answer.status,
            "url": result.answer.url,
            "error": result.answer.error,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """To one attempt. `status` None: none came, `error` says why; `retry_after` in real seconds."""

    url: str
    status: int | None
    error: str | None = None
    retry_after: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Executed, or accepted by the dispatcher."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def final(self) -> bool:
        """Whether no other attempt can do better."""
        return self.succeeded or self.status in FINAL


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of an invocation; times are the clock's."""

    call: Invocation
    sent: datetime
    answered: datetime
    attempts: int
    answer: Answer


@dataclass(frozen=True, slots=True)
class Summary:
    """Of a run. `late_seconds`: the clock's, of the invocation that was sent the longest after its second."""

    first_hour: str
    hours: int
    trace_sha256: str
    invocations: int
    repeated: int
    failed: tuple[str, ...]
    late_seconds: float

    def document(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"schema": SCHEMA, **asdict(self)}


def calls(hours: Hours) -> Iterator[Invocation]:
    """The trace of some hours. UsageError: they do not begin at a full hour, or there is none."""
    if hours.count < 1 or hours.first != full_hour(hours.first):
        raise UsageError(f"a run has at least one hour and begins at a full one, not {hours.count} from {hours.first}")
    for number in range(hours.count):
        yield from hourly(hours.first + number * HOUR)


def full_hour(moment: datetime) -> datetime:
    """The hour that a moment lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _client() -> httpx.AsyncClient:
    """Calls services directly: neither a region on loopback nor Cloud Run lies behind a proxy."""
    return httpx.AsyncClient(timeout=httpx.Timeout(MAX_SECONDS, connect=10.0), trust_env=False)


def _summary(hours: Hours, sent: list[Sent]) -> Summary:
    return Summary(
        first_hour=format_utc(hours.first),
        hours=hours.count,
        trace_sha256=_sha256(one.call for one in sent),
        invocations=len(sent),
        repeated=sum(one.attempts > 1 for one in sent),
        failed=tuple(one.call.event_id for one in sent if not one.answer.succeeded),
        late_seconds=max((one.sent - one.call.at) / timedelta(seconds=1) for one in sent),
    )


def _sha256(trace: Iterable[Invocation]) -> str:
    """As `planner protocol trace` gives it for the same hours."""
    return hashlib.sha256("".join(lines(list(trace))).encode()).hexdigest()


def _answer(url: str, response: httpx.Response) -> Answer:
    told = response.headers.get("Retry-After", "")
    wait = float(told) if told.isdecimal() else 0.0
    return Answer(url, response.status_code, None if response.is_success else response.text[:200], wait)


def _pause(attempt: int, asked: float) -> float:
    """Real seconds after an attempt; longer where the service asks for it."""
    return float(min(max(FIRST_PAUSE * 2 ** (attempt - 1), asked), LONGEST_PAUSE))
