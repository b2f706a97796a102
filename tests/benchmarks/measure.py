"""Whole processes as they look from outside: wall time and peak memory, imports included."""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One process that ended well; `said` is the JSON document that ended its output, if there was any."""

    wall_s: float
    cpu_s: float
    peak_rss_mb: float
    said: dict


def measured(*command: str, limit_s: float = float("inf")) -> Measured | None:
    """Run a command to its end, or to the limit: then None. RuntimeError: it failed."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
        late = threading.Timer(min(limit_s, threading.TIMEOUT_MAX), os.killpg, (process.pid, signal.SIGKILL))
        late.start()
        _, status, usage = os.wait4(process.pid, 0)
        late.cancel()
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode == -signal.SIGKILL and wall >= limit_s:
            return None
        out.seek(0)
        text = out.read()
        if process.returncode:
            err.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{err.read()[-2000:]}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, _document(text))


def _document(text: str) -> dict:
    """The JSON at the end of an output: some solvers print before it, and some commands say nothing."""
    start = text.rfind("\n{") + 1
    return json.loads(text[start:]) if text.strip() else {}
