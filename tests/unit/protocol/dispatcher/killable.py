"""The dispatcher as a process that a test may kill, starve of disk and start again."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from planner.domain.instance import Instance
from planner.io.instances import save_instance


class Killable:
    """The command as a process, on the same queue and clock whenever it starts."""

    def __init__(
        self,
        folder: Path,
        instance: Instance,
        *,
        regions: Mapping[str, str],
        prefix: str,
        token: str,
        clock: str,
        port: int = 0,
    ) -> None:
        save_instance(instance, folder / "day.json")
        self.queue, self.log = folder / "queue.db", folder / "requests.jsonl"
        self._command = [sys.executable, "-m", "planner", "protocol", "dispatch", folder / "day.json"]
        self._command += ["--prefix", prefix, "--policy", "threshold", "--forecast", "perfect", "--supervised"]
        self._command += ["--queue", self.queue, "--port", str(port)]
        self._command += ["--log", self.log, "--events", folder / "events.jsonl"]
        self._command += [part for name, url in regions.items() for part in ("--region", f"{name}={url}")]
        self._environment = {**os.environ, "PLANNER_TOKEN": token, "PLANNER_CLOCK": clock, "NO_PROXY": "127.0.0.1"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(self._command, env=self._environment, **pipes)  # type: ignore[call-overload]
        self.url = f"http://127.0.0.1:{json.loads(self._process.stdout.readline())['port']}"  # type: ignore[union-attr]

    def allow_files_of(self, size: int) -> None:
        """Longer ones cannot be written: what a full disk is like."""
        assert self._process is not None
        _, most = resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, most))

    def end(self, how: signal.Signals) -> int:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.send_signal(how)
        code = process.wait(60)
        process.stdin.close()
        process.stdout.close()
        return code
