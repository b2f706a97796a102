"""The queue in one SQLite file (WAL, synchronous FULL): what was accepted survives kill -9 and loss of power."""

import fcntl
import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.errors import UsageError
from planner.protocol.dispatcher.group_commit import GroupCommit
from planner.protocol.dispatcher.queue import Counts, QueueUnavailable, Task

LEASE_SECONDS = 900.0  # of real time; longer than any execution may take
CACHE_KB = 16_384  # of pages in memory, however many tasks wait

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    event_id TEXT PRIMARY KEY, function TEXT NOT NULL, trace_hour REAL NOT NULL, deadline REAL NOT NULL,
    experiment_id TEXT NOT NULL, scenario TEXT NOT NULL, payload TEXT NOT NULL, answer TEXT NOT NULL,
    due REAL, region TEXT, attempt INTEGER NOT NULL DEFAULT 0, leased_until REAL NOT NULL DEFAULT 0,
    result TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS due ON tasks (due) WHERE result IS NULL;
CREATE INDEX IF NOT EXISTS executed_again ON tasks (event_id) WHERE attempt > 1;
CREATE TABLE IF NOT EXISTS duplicates (event_id TEXT NOT NULL, result TEXT NOT NULL) STRICT;
"""
DUE = """SELECT event_id, function, trace_hour, deadline, experiment_id, scenario, payload, region, attempt FROM tasks
WHERE result IS NULL AND due <= ? AND leased_until <= ? ORDER BY due LIMIT ?"""
PUT = """INSERT INTO tasks
(event_id, function, trace_hour, deadline, experiment_id, scenario, payload, region, answer, due)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"""
COUNTS = """SELECT (SELECT count(*) FROM tasks WHERE result IS NULL),
(SELECT count(*) FROM tasks WHERE result IS NULL AND leased_until > ?), (SELECT count(*) FROM tasks),
(SELECT coalesce(sum(attempt - 1), 0) FROM tasks WHERE attempt > 1), (SELECT count(*) FROM duplicates)"""


class SqliteQueue:
    """See `Queue`. One process at a time owns the file; whatever a dead one had leased is free again.

    To be made inside an event loop. UsageError: another process owns it, or it is not a queue.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._lock = _own(self._path)
        try:
            self._waiting = _prepare(self._path)
        except BaseException:
            self._lock.close()
            raise
        self._commit = GroupCommit(_connect(self._path))

    async def put(self, task: Task, due: datetime, answer: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Accept a task (see `Queue`)."""
        row = (*_row(task), json.dumps(answer), due.timestamp())

        def insert(connection: sqlite3.Connection) -> Mapping[str, Any] | None:
            new = connection.execute(PUT, row).rowcount == 1
            return None if new else _answer(connection, task.event_id)

        first = await self._commit.run(insert)
        self._waiting += first is None
        return first

    async def accepted(self, event_id: str) -> Mapping[str, Any] | None:
        """The answer that was given (see `Queue`)."""
        return await self._commit.run(lambda connection: _answer(connection, event_id))

    async def lease(self, now: datetime, most: int) -> list[Task]:
        """Tasks that are due (see `Queue`)."""

        def take(connection: sqlite3.Connection) -> list[Task]:
            rows = connection.execute(DUE, (now.timestamp(), time.time(), most)).fetchall()
            tasks = [_task(row) for row in rows]
            ends = time.time() + LEASE_SECONDS
            connection.executemany(
                "UPDATE tasks SET leased_until = ?, attempt = ? WHERE event_id = ?",
                [(ends, task.attempt, task.event_id) for task in tasks],
            )
            return tasks

        return await self._commit.run(take)

    async def again(self, task: Task, due: datetime) -> None:
        """Give it back (see `Queue`)."""
        values = (due.timestamp(), task.region, task.event_id)
        change = "UPDATE tasks SET due = ?, region = ?, leased_until = 0 WHERE event_id = ? AND result IS NULL"
        await self._commit.run(lambda connection: connection.execute(change, values).rowcount)

    async def done(self, event_id: str, result: Mapping[str, Any]) -> bool:
        """Commit a result (see `Queue`)."""
        said = json.dumps(result)

        def commit(connection: sqlite3.Connection) -> bool:
            change = "UPDATE tasks SET result = ?, leased_until = 0 WHERE event_id = ? AND result IS NULL"
            first = connection.execute(change, (said, event_id)).rowcount == 1
            if not first:
                connection.execute("INSERT INTO duplicates VALUES (?, ?)", (event_id, said))
            return first

        first = await self._commit.run(commit)
        self._waiting -= first
        return first

    async def counts(self) -> Counts:
        """Where all tasks stand."""
        row = await self._commit.run(lambda connection: connection.execute(COUNTS, (time.time(),)).fetchone())
        open_, leased, every, again, duplicates = row
        return Counts(open_ - leased, leased, every - open_, again, duplicates)

    @property
    def waiting(self) -> int:
        """Tasks without a result."""
        return self._waiting

    async def close(self) -> None:
        """End after all that was asked for is durable."""
        await self._commit.close()
        self._lock.close()


def results(path: str | Path) -> dict[str, dict[str, Any]]:
    """Committed results by event id, `attempts` in each; the file may be in use."""
    connection = sqlite3.connect(f"file:{Path(path)}?mode=ro", uri=True)
    rows = connection.execute("SELECT event_id, result, attempt FROM tasks WHERE result IS NOT NULL").fetchall()
    connection.close()
    return {event_id: {**json.loads(result), "attempts": attempt} for event_id, result, attempt in rows}


def _own(path: Path) -> Any:
    """A lock that ends with this process, however it ends."""
    try:
        lock = Path(f"{path}.lock").open("a", encoding="utf-8")  # noqa: SIM115 - held as long as the queue
    except OSError as error:
        raise UsageError(f"{path}: the queue cannot be made here: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise UsageError(f"{path}: another dispatcher uses this queue") from error
    return lock


def _prepare(path: Path) -> int:
    """Tables, and leases of the dead ended; how many tasks have no result."""
    try:
        connection = _connect(path)
        connection.executescript(SCHEMA)
        connection.execute("UPDATE tasks SET leased_until = 0 WHERE result IS NULL AND leased_until > 0")
        (open_,) = connection.execute("SELECT count(*) FROM tasks WHERE result IS NULL").fetchone()
        connection.close()
    except sqlite3.OperationalError as error:
        raise QueueUnavailable(f"{path}: the queue cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        raise UsageError(f"{path} is not a queue: {error}") from error
    return int(open_)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{CACHE_KB}", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    return connection


def _answer(connection: sqlite3.Connection, event_id: str) -> Mapping[str, Any] | None:
    row = connection.execute("SELECT answer FROM tasks WHERE event_id = ?", (event_id,)).fetchone()
    return None if row is None else dict(json.loads(row[0]))


def _row(task: Task) -> tuple[Any, ...]:
    moments = task.trace_hour.timestamp(), task.deadline.timestamp()
    named = task.experiment_id, task.scenario, json.dumps(task.payload), task.region
    return (task.event_id, task.function, *moments, *named)


def _task(row: tuple[Any, ...]) -> Task:
    event_id, function, hour, deadline, experiment_id, scenario, payload, region, attempt = row
    moments = datetime.fromtimestamp(hour, UTC), datetime.fromtimestamp(deadline, UTC)
    task = Task(event_id, function, *moments, experiment_id, scenario, json.loads(payload), region, attempt)
    return task if region is None else replace(task, attempt=attempt + 1)
