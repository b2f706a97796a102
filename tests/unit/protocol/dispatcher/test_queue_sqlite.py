import asyncio
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from planner.errors import UsageError
from planner.protocol.dispatcher import queue_sqlite
from planner.protocol.dispatcher.queue import Counts, QueueUnavailable, Task
from planner.protocol.dispatcher.queue_sqlite import SqliteQueue, results

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANSWER = {"event_id": "a", "region": "here", "run_at": "now", "reason": "why"}
RESULT = {"status": 200}


def task(event_id: str = "a", region: str | None = "here") -> Task:
    return Task(event_id, "crypto-key-gen", NOW, NOW + timedelta(hours=3), "x", "C", {"bits": 2048}, region)


def with_queue(path: Path, body: Callable[[SqliteQueue], Awaitable[None]]) -> None:
    async def run() -> None:
        queue = SqliteQueue(path / "queue.db")
        try:
            await body(queue)
        finally:
            await queue.close()

    asyncio.run(run())


def test_a_task_is_handed_out_when_due_and_until_done(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        assert await queue.put(task(), NOW, ANSWER) is None
        assert await queue.lease(NOW - timedelta(seconds=1), 9) == []
        assert await queue.lease(NOW, 9) == [replace(task(), attempt=1)]
        assert await queue.lease(NOW, 9) == []  # leased
        assert queue.waiting == 1
        assert await queue.done("a", RESULT)
        assert await queue.lease(NOW + timedelta(days=9), 9) == []
        assert await queue.counts() == Counts(0, 0, 1, 0, 0)
        assert queue.waiting == 0

    with_queue(tmp_path, body)
    assert results(tmp_path / "queue.db") == {"a": {**RESULT, "attempts": 1}}


def test_a_replayed_event_gets_the_first_answer(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        assert await queue.accepted("a") is None
        await queue.put(task(), NOW, ANSWER)
        assert await queue.put(task(), NOW, {"event_id": "a", "region": "there"}) == ANSWER
        assert await queue.accepted("a") == ANSWER
        assert (await queue.counts()).queued == queue.waiting == 1

    with_queue(tmp_path, body)


def test_a_committed_result_is_never_replaced(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        await queue.put(task(), NOW, ANSWER)
        assert await queue.done("a", RESULT)
        assert not await queue.done("a", {"status": 500})
        assert (await queue.counts()).duplicates == 1

    with_queue(tmp_path, body)
    assert results(tmp_path / "queue.db")["a"]["status"] == 200


def test_a_lease_that_ends_is_a_second_execution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_sqlite, "LEASE_SECONDS", -1.0)

    async def body(queue: SqliteQueue) -> None:
        await queue.put(task(), NOW, ANSWER)
        attempts = [(await queue.lease(NOW, 1))[0].attempt for _ in range(3)]
        assert attempts == [1, 2, 3]
        assert (await queue.counts()).reexecutions == 2

    with_queue(tmp_path, body)


def test_deciding_is_no_attempt(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        await queue.put(task(region=None), NOW, ANSWER)
        (undecided,) = await queue.lease(NOW, 1)
        assert (undecided.region, undecided.attempt) == (None, 0)
        await queue.again(replace(undecided, region="there"), NOW + timedelta(hours=1))
        assert await queue.lease(NOW, 1) == []
        (decided,) = await queue.lease(NOW + timedelta(hours=1), 1)
        assert (decided.region, decided.attempt) == ("there", 1)

    with_queue(tmp_path, body)


def test_what_is_due_longest_comes_first(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        for name, minutes in (("late", 3), ("first", 1), ("second", 2)):
            await queue.put(task(name), NOW + timedelta(minutes=minutes), ANSWER)
        assert [t.event_id for t in await queue.lease(NOW + timedelta(hours=1), 2)] == ["first", "second"]

    with_queue(tmp_path, body)


def test_only_one_process_owns_a_queue(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        with pytest.raises(UsageError, match="another dispatcher"):
            SqliteQueue(tmp_path / "queue.db")

    with_queue(tmp_path, body)


def test_leases_of_the_dead_are_free_again(tmp_path: Path) -> None:
    async def first(queue: SqliteQueue) -> None:
        await queue.put(task(), NOW, ANSWER)
        await queue.lease(NOW, 1)

    async def second(queue: SqliteQueue) -> None:
        assert queue.waiting == 1
        assert (await queue.lease(NOW, 1))[0].attempt == 2

    with_queue(tmp_path, first)
    with_queue(tmp_path, second)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "queue.db").write_text("no database " * 200)
    with pytest.raises(UsageError, match="not a queue"):
        with_queue(tmp_path, lambda queue: asyncio.sleep(0))
    with pytest.raises(UsageError, match="cannot be made"):
        with_queue(tmp_path / "absent", lambda queue: asyncio.sleep(0))


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = queue_sqlite._connect

    def small(path: Path) -> sqlite3.Connection:
        connection = connect(path)
        connection.execute("PRAGMA max_page_count = 60")  # SQLite answers as it does on a full disk
        return connection

    monkeypatch.setattr(queue_sqlite, "_connect", small)
    accepted: list[str] = []

    async def fill(queue: SqliteQueue) -> None:
        async def until_full() -> None:
            for number in range(10_000):
                await queue.put(replace(task(str(number)), payload={"pad": "x" * 500}), NOW, ANSWER)
                accepted.append(str(number))

        with pytest.raises(QueueUnavailable, match="full"):
            await until_full()
        assert queue.waiting == (await queue.counts()).queued == len(accepted) > 10

    with_queue(tmp_path, fill)
    monkeypatch.undo()

    async def after(queue: SqliteQueue) -> None:
        assert {t.event_id for t in await queue.lease(NOW, 20_000)} == set(accepted)

    with_queue(tmp_path, after)


def test_a_disk_that_is_full_for_real_is_said_and_loses_nothing(tmp_path: Path) -> None:
    code = f"""
import asyncio, resource, signal
from tests.unit.protocol.dispatcher.test_queue_sqlite import *
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
async def body():
    queue = SqliteQueue({str(tmp_path / "queue.db")!r})
    await queue.put(task("kept"), NOW, ANSWER)
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limit[1]))
    asked = [queue.put(replace(task(str(n)), payload={{"pad": "x" * 2000}}), NOW, ANSWER) for n in range(300)]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(o, QueueUnavailable) for o in outcomes), outcomes
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert await queue.put(task("after"), NOW, ANSWER) is None
    accepted = 2 + outcomes.count(None)
    found = await queue.lease(NOW, 1000)
    assert len(found) == accepted == queue.waiting, (len(found), accepted)
    await queue.close()
asyncio.run(body())
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_kill_nine_between_commits_loses_nothing_accepted(tmp_path: Path) -> None:
    code = f"""
import asyncio, sys
from tests.unit.protocol.dispatcher.test_queue_sqlite import *
async def body():
    queue = SqliteQueue({str(tmp_path / "queue.db")!r})
    async def put(n):
        await queue.put(task(str(n)), NOW, ANSWER)
        print(n, flush=True)
    await asyncio.gather(*(put(n) for n in range(12_000)))
asyncio.run(body())
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(1500)]
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().splitlines(keepends=True)
    process.wait()
    process.stdout.close()
    said += [line.strip() for line in rest if line.endswith("\n")]

    async def after(queue: SqliteQueue) -> None:
        assert set(said) <= {t.event_id for t in await queue.lease(NOW, 20_000)}

    with_queue(tmp_path, after)


def test_memory_stays_flat_with_many_tasks(tmp_path: Path) -> None:
    async def body(queue: SqliteQueue) -> None:
        async def fill(first: int, last: int) -> int:
            for block in range(first, last, 1000):
                await asyncio.gather(*(queue.put(task(str(n)), NOW, ANSWER) for n in range(block, block + 1000)))
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        before = await fill(0, 5000)
        after = await fill(5000, 20_000)
        assert after - before < 3 * queue_sqlite.CACHE_KB
        assert queue.waiting == 20_000

    with_queue(tmp_path, body)
