"""The queue in Google Cloud Tasks, by its REST interface (v2): it keeps, delays, repeats and pushes.

A task that is decided is pushed to its region's service; one that waits, to the dispatcher's own `/tasks` at the hour
of its next decision. A 2xx answer of a region is the committed result: Cloud Tasks then forgets the task, and the
functions' logs tell of it. Any other is tried again, by the queue's own rules.
"""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

import httpx

from planner.errors import MissingExtra
from planner.io.clock import format_utc, parse_utc
from planner.protocol.dispatcher.calls import Regions, headers
from planner.protocol.dispatcher.limits import Refused
from planner.protocol.dispatcher.queue import Counts, QueueUnavailable, Task

ENDPOINT = "https://cloudtasks.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LONGEST_CALL = "1800s"  # Cloud Tasks' own limit
EXISTS = 409


class Access(Protocol):
    """Access tokens for Google's interfaces."""

    async def token(self) -> str:
        """One that is valid now."""


class ServiceAccount:
    """Access tokens of the account that this process runs as."""

    def __init__(self) -> None:
        try:
            import google.auth
            from google.auth.transport.requests import Request
        except ImportError as error:
            raise MissingExtra("Cloud Tasks needs google-auth: pip install 'planner[serve]'") from error
        self._credentials, _ = google.auth.default(scopes=[SCOPE])
        self._transport = Request()

    async def token(self) -> str:
        """See `Access`."""
        if not self._credentials.valid:
            await asyncio.to_thread(self._credentials.refresh, self._transport)
        return str(self._credentials.token)


class CloudTasksQueue:
    """See `Queue`. `name`: projects/P/locations/L/queues/Q; `own_url`: the dispatcher's; `account` signs the pushes."""

    def __init__(
        self, name: str, *, own_url: str, account: str, regions: Regions, access: Access, endpoint: str = ENDPOINT
    ) -> None:
        self._name, self._own, self._account = name, own_url.rstrip("/"), account
        self._regions, self._access = regions, access
        self._client = httpx.AsyncClient(base_url=f"{endpoint}/v2/", timeout=10.0)

    async def put(self, task: Task, due: datetime, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Accept a task. Its name keeps an event from being accepted twice, for as long as Cloud Tasks remembers it.

        Decisions depend on the hour alone, so `answer` is the first one too, asked within the same hour.
        """
        return None if await self._create(task, due, task.event_id) else answer

    async def accepted(self, event_id: str) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Not known: Cloud Tasks forgets what it has delivered."""
        return None

    async def lease(self, now: datetime, most: int) -> list[Task]:  # noqa: ARG002
        """Nothing: Cloud Tasks pushes what is due."""
        return []

    async def again(self, task: Task, due: datetime) -> None:
        """Another push, for a task that was decided or waits on; asked twice, it is made once."""
        await self._create(task, due, f"{task.event_id}_{task.region or format_utc(due)}")

    async def done(self, event_id: str, result: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """The region's answer to the push was the commitment."""
        return True

    async def counts(self) -> Counts:
        """Tasks that wait, and the pushes after their first."""
        tasks = [task async for task in self._listed()]
        again = sum(max(int(task.get("dispatchCount", 0)) - 1, 0) for task in tasks)
        return Counts(len(tasks), None, None, again, None)

    @property
    def waiting(self) -> int:
        """None as far as this process knows: Cloud Tasks has its own limits, and says 429."""
        return 0

    async def close(self) -> None:
        """Nothing is left to do."""
        await self._client.aclose()

    async def _create(self, task: Task, due: datetime, name: str) -> bool:
        """False: there was one of this name."""
        plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
        document = {
            "name": f"{self._name}/tasks/{plain}",
            "scheduleTime": format_utc(due),
            "dispatchDeadline": LONGEST_CALL,
            "httpRequest": self._push(task),
        }
        answer = await self._request("POST", f"{self._name}/tasks", json={"task": document})
        return answer.status_code != EXISTS

    def _push(self, task: Task) -> dict[str, Any]:
        if task.region is None:
            return self._signed(f"{self._own}/tasks", self._own, {}, _document(task))
        return self._signed(self._regions.url(task), self._regions.service(task), headers(task), dict(task.payload))

    def _signed(self, url: str, audience: str, more: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "url": url,
            "httpMethod": "POST",
            "headers": {**more, "Content-Type": "application/json"},
            "body": base64.b64encode(json.dumps(body).encode()).decode(),
            "oidcToken": {"serviceAccountEmail": self._account, "audience": audience},
        }

    async def _listed(self) -> Any:
        page: str | None = ""
        while page is not None:
            more = {"pageToken": page} if page else {}
            answer = await self._request("GET", f"{self._name}/tasks", params={"pageSize": "1000", **more})
            found = answer.json()
            for task in found.get("tasks", []):
                yield task
            page = found.get("nextPageToken") or None

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """QueueUnavailable: Cloud Tasks does not answer, or refuses."""
        try:
            authorised = {"Authorization": f"Bearer {await self._access.token()}"}
            answer = await self._client.request(method, path, headers=authorised, **more)
        except httpx.HTTPError as error:
            raise QueueUnavailable(f"Cloud Tasks does not answer: {type(error).__name__}: {error}") from error
        if not answer.is_success and answer.status_code != EXISTS:
            raise QueueUnavailable(f"Cloud Tasks answers {answer.status_code}: {answer.text[:300]}")
        return answer


def task_of(body: bytes) -> Task:
    """The task in a push to `/tasks`. Refused: 422, it is none."""
    try:
        fields = json.loads(body)
        moments = {name: parse_utc(fields[name], name) for name in ("trace_hour", "deadline")}
        return Task(**{**fields, **moments})
    except Exception as error:
        raise Refused(422, "this is not a task") from error


def _document(task: Task) -> dict[str, Any]:
    return {**asdict(task), "trace_hour": format_utc(task.trace_hour), "deadline": format_utc(task.deadline)}
