"""Calls of the functions in the regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from planner.errors import UsageError
from planner.io.clock import format_utc
from planner.protocol.dispatcher.auth import Tokens
from planner.protocol.dispatcher.queue import Task

FINAL = frozenset({400, 404, 405, 413, 422})  # the same request would be refused again
MAX_SECONDS = 600.0  # less than a lease holds


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one attempt: `final` where no other can do better; `result` is what is committed then."""

    final: bool
    result: Mapping[str, Any]


class Regions:
    """URLs by region; `{function}` in one is replaced by the function's name (a service for each, as on Cloud Run)."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = {region: url.rstrip("/") for region, url in urls.items()}

    def require(self, regions: list[str]) -> None:
        """UsageError: one has no URL."""
        lacking = [region for region in regions if region not in self._urls]
        if lacking:
            raise UsageError(f"no URL for {', '.join(lacking)}: --region NAME=URL for each region of the instance")

    def service(self, task: Task) -> str:
        """The service that runs a task; also the audience of its tokens."""
        return self._urls[task.region or ""].replace("{function}", task.function)

    def url(self, task: Task) -> str:
        """Where a task is posted to."""
        return f"{self.service(task)}/{task.function}"


def headers(task: Task) -> dict[str, str]:
    """Who asks: the same in every log (protocol 7.1)."""
    return {
        "X-Experiment-Id": task.experiment_id,
        "X-Scenario": task.scenario,
        "X-Event-Id": task.event_id,
        "X-Trace-Hour": format_utc(task.trace_hour),
        "X-Attempt": str(task.attempt),
    }


class Caller:
    """Posts tasks to their regions."""

    def __init__(self, regions: Regions, tokens: Tokens) -> None:
        self._regions, self._tokens = regions, tokens
        no_pool = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(MAX_SECONDS, connect=10.0), limits=no_pool)

    async def call(self, task: Task) -> Outcome:
        """One attempt; whatever goes wrong on the way is an outcome too."""
        try:
            token = await self._tokens.token(self._regions.service(task))
            answer = await self._client.post(
                self._regions.url(task),
                json=dict(task.payload),
                headers={**headers(task), "Authorization": f"Bearer {token}"},
            )
        except httpx.HTTPError as error:
            return Outcome(final=False, result={"status": None, "error": f"{type(error).__name__}: {error}"})
        return Outcome(answer.is_success or answer.status_code in FINAL, _result(task, answer))

    async def close(self) -> None:
        """Close idle connections."""
        await self._client.aclose()


def _result(task: Task, answer: httpx.Response) -> dict[str, Any]:
    known = {"status": answer.status_code, "region": task.region, "attempt": task.attempt}
    try:
        said = answer.json() if answer.is_success else {}
    except ValueError:
        said = {}
    told = {key: said[key] for key in ("seconds", "cold", "output_bytes") if key in said} if said else {}
    return known | told
