"""The log, as the dispatcher writes it."""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from planner.protocol.log import LineLog

MOST_KEPT = 10_000  # lines; the newest, where the disk is full for longer


class Journal:
    """Lines that do not stand in the way: on a full disk the work goes on, and they are written once there is room."""

    def __init__(self, log: LineLog) -> None:
        self._log = log
        self._kept: deque[Mapping[str, Any]] = deque(maxlen=MOST_KEPT)

    def write(self, line: Mapping[str, Any]) -> None:
        """Append a line, after those that the disk refused."""
        self._kept.append(line)
        with suppress(OSError):
            while self._kept:
                self._log.write(self._kept[0])
                self._kept.popleft()

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            self._log.close()
