"""Dispatches that a dispatcher accepts durably in a second, and its memory with 100,000 tasks in the queue.

`python -m tests.benchmarks.dispatches` starts `planner protocol dispatch` in a process of its own, sends it work for an
hour in which the policy lets everything wait, over 64 connections from this process, and prints dispatches per second,
latency until the 202 (sent once the task is on the disk) and resident memory. Exit code 1: under 2,000 a second.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from planner.data.faas import REGIONS, protocol_days
from planner.io.instances import save_instance

START = datetime(2026, 6, 1, tzinfo=UTC)
TASKS = int(os.environ.get("BENCH_TASKS", "100000"))
CONNECTIONS = 64
WANTED_PER_SECOND = 2000
TOKEN = "of the benchmark"


def main() -> None:
    """Fill the queue, say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        process = _started(Path(folder))
        try:
            port = json.loads(process.stdout.readline())["port"]
            report = asyncio.run(_fill(port, process.pid))
        finally:
            process.terminate()
            process.wait()
            process.stdout.close()
            process.stdin.close()
    print(json.dumps(report, indent=1))
    sys.exit(report["per_second"] < WANTED_PER_SECOND)


def _started(folder: Path) -> subprocess.Popen:
    """A dispatcher whose clock hardly moves and whose work is of an hour to come: all of it waits."""
    save_instance(protocol_days(START, 1), folder / "day.json")
    urls = [part for name in REGIONS for part in ("--region", f"{name}=http://127.0.0.1:9")]
    files = ["--queue", folder / "queue.db", "--log", folder / "requests.jsonl", "--events", folder / "events.jsonl"]
    command = [sys.executable, "-m", "planner", "protocol", "dispatch", folder / "day.json", "--prefix", "gs://b/d"]
    clock = f"2026-06-01T00:00:00Z@{time.time()!r}*0.001"
    return subprocess.Popen(
        [*command, *files, *urls, "--supervised"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PLANNER_TOKEN": TOKEN, "PLANNER_CLOCK": clock},
    )


async def _fill(port: int, pid: int) -> dict:
    empty = _resident_mb(pid)
    await _spread(port, 0, 2000)  # warm
    thousand = _resident_mb(pid)
    began, busy = time.perf_counter(), _cpu_seconds(pid)
    seconds = await _spread(port, 2000, TASKS)
    wall, cpu = time.perf_counter() - began, _cpu_seconds(pid) - busy
    p50, p99 = np.percentile(seconds, [50, 99])
    return {
        "tasks": TASKS,
        "connections": CONNECTIONS,
        "per_second": round(len(seconds) / wall),
        "p50_ms": round(1e3 * p50, 2),
        "p99_ms": round(1e3 * p99, 2),
        "cpu_ms_per_dispatch": round(1e3 * cpu / len(seconds), 3),
        "resident_mb": {"empty": empty, "2,000 tasks": thousand, f"{TASKS:,} tasks": _resident_mb(pid)},
    }


async def _spread(port: int, first: int, last: int) -> list[float]:
    numbers = iter(range(first, last))
    taken = await asyncio.gather(*(_send(port, numbers) for _ in range(CONNECTIONS)))
    return [seconds for each in taken for seconds in each]


async def _send(port: int, numbers) -> list[float]:
    """One connection: the next dispatch once the last is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = []
    for number in numbers:
        began = time.perf_counter()
        writer.write(_request(number))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"{head!r} {answer!r}")
        taken.append(time.perf_counter() - began)
    writer.close()
    await writer.wait_closed()
    return taken


def _request(number: int) -> bytes:
    hour = START + timedelta(hours=5)
    body = json.dumps(
        {
            "event_id": f"bench-{number}",
            "function": "crypto-key-gen",
            "deadline": (hour + timedelta(hours=4)).isoformat(),
            "trace_hour": hour.isoformat(),
            "experiment_id": "bench",
            "scenario": "C",
            "payload": {"bits": 4096},
        }
    ).encode()
    head = f"POST /dispatch HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _cpu_seconds(pid: int) -> float:
    """Of the dispatcher, all threads."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


if __name__ == "__main__":
    main()
