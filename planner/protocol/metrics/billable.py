"""Billable instance time by Cloud Run's rule."""

from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
GRAIN_MS = 100


def billable_seconds(begin_s: Floats, latency_ms: Floats) -> float:
    """Seconds in which an instance has at least one request in progress, each spell rounded up to 100 ms.

    `begin_s`, `latency_ms` (n,) of all requests to one instance; one that waits for its start is in progress.
    """
    order = np.argsort(begin_s, kind="stable")
    # Whole microseconds: sums of large floats would round a spell of exactly 100 ms up to 200.
    begin = np.round(begin_s[order] * 1e6).astype(np.int64)
    end = np.maximum.accumulate(begin + np.round(latency_ms[order] * 1e3).astype(np.int64))
    first = np.flatnonzero(np.append(True, begin[1:] > end[:-1])) if len(begin) else np.zeros(0, np.int64)
    last = np.append(first[1:], len(begin)) - 1
    spells = (end[last] - begin[first]) if len(begin) else first
    return sum(ceil(int(spell) / (GRAIN_MS * 1000)) for spell in spells) * GRAIN_MS / 1000
