"""Which waiting batches can wait no longer."""

import numpy as np

from planner.domain.instance import Ints
from planner.domain.protocols import Waiting


def periods_left(waiting: Waiting) -> Ints:
    """(n,) how many periods each batch still takes: its length, or the parts of it that are still to run."""
    if waiting.contiguous.all():
        return waiting.length
    parts = np.ones(len(waiting), dtype=np.int64)
    parted = ~waiting.contiguous
    parts[parted] = np.rint(waiting.left[parted] / waiting.share_unit[parted]).astype(np.int64)
    return np.where(waiting.contiguous, waiting.length, parts)


def latest_start(waiting: Waiting) -> Ints:
    """(n,) the last period in which each batch must run, or start, to be on time."""
    return waiting.deadline - periods_left(waiting) + 1


def order_of_service(waiting: Waiting, period: int, choices: Ints) -> Ints:
    """(n,) rows as they are served: what is due, fewest `choices` (n,) of routes first, then the rest by deadline."""
    latest = latest_start(waiting)
    later = latest > period
    return np.lexsort((latest, np.where(later, 0, choices), later))
