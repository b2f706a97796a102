"""What this process takes, for the lines of its log."""

import os
import time
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
FRESH_SECONDS = 1.0  # asked no oftener: the answer takes longer than the rest of a line


class Usage:
    """CPU time goes to the first line after it was asked for, so that the sum over lines is that of the process."""

    def __init__(self) -> None:
        self._asked, self._told, self._rss_mb = float("-inf"), time.process_time(), 0.0

    def fields(self) -> dict[str, float]:
        """`cpu_ms` since it was last told, `rss_mb` of memory held, at most a second ago."""
        now = time.monotonic()
        if now - self._asked < FRESH_SECONDS:
            return {"cpu_ms": 0.0, "rss_mb": self._rss_mb}
        self._asked, before, self._told = now, self._told, time.process_time()
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        self._rss_mb = round(pages * PAGE_BYTES / 2**20, 1)
        return {"cpu_ms": round(1e3 * (self._told - before), 3), "rss_mb": self._rss_mb}
