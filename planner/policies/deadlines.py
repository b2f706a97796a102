"""Which waiting batches can wait no longer."""

import numpy as np

from planner.domain.instance import Ints
from planner.domain.protocols import Waiting


def latest_start(waiting: Waiting) -> Ints:
    """(n,) the last period in which each batch must run, or start, to be on time."""
    parts = np.ones(len(waiting), dtype=np.int64)
    parted = ~waiting.contiguous
    parts[parted] = np.rint(waiting.left[parted] / waiting.share_unit[parted]).astype(np.int64)
    return waiting.deadline - np.where(waiting.contiguous, waiting.length, parts) + 1
