"""Transactions of many callers, committed together: one write to the disk for all that came during the last one."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from planner.protocol.dispatcher.queue import QueueUnavailable

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]
MOST = 1024  # of one transaction: a bound on how long the first waits for the last


class GroupCommit:
    """Owns a connection (one that threads may share). A caller continues when its transaction is on the disk.

    Statements run on the event loop, where they take microseconds; a thread would have to win the interpreter's lock
    back after every one of them. Only the commit, which waits for the disk, has a thread.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._asked: list[tuple[Work[Any], asyncio.Future[Any]]] = []
        self._woken = asyncio.Event()
        self._closing = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._serving = asyncio.create_task(self._serve())

    async def run(self, work: Work[T]) -> T:
        """The value of `work(connection)`, once committed. QueueUnavailable: the database refuses."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((work, future))
        self._woken.set()
        return await future

    async def close(self) -> None:
        """End after all work that was asked for."""
        self._closing = True
        self._woken.set()
        await self._serving
        self._thread.shutdown()
        self._connection.close()

    async def _serve(self) -> None:
        while self._asked or not self._closing:
            if not self._asked:
                self._woken.clear()
                await self._woken.wait()
                continue
            batch, self._asked = self._asked[:MOST], self._asked[MOST:]
            values = await self._together([work for work, _ in batch])
            _settle([future for _, future in batch], values)

    async def _together(self, batch: list[Work[Any]]) -> list[Any] | Exception:
        """All or nothing: an error rolls every one back, and each caller is told."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            values = [work(self._connection) for work in batch]
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.execute, "COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            return QueueUnavailable(f"the queue cannot be written: {error}")
        except Exception as error:  # noqa: BLE001  # a defect in one piece of work must not end the rest
            self._roll_back()
            return error
        return values

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _settle(futures: list[asyncio.Future[Any]], values: list[Any] | Exception) -> None:
    for number, future in enumerate(futures):
        if future.done():  # its caller went away
            continue
        if isinstance(values, Exception):
            future.set_exception(values)
        else:
            future.set_result(values[number])
