"""What a decision leaves out."""

import numpy as np

from planner.domain.instance import Bools
from planner.domain.protocols import Decision, HourView
from planner.policies.pieces import EMPTY


def lacking(view: HourView, decision: Decision, rows: Bools) -> float:
    """Requests of rows that could be served now and are not; of an interruptible job, one part."""
    waiting = view.waiting
    wanted = np.where(waiting.share_unit > 0, waiting.share_unit, waiting.left)
    left = wanted - np.bincount(decision.row, decision.share, len(waiting))
    return float((waiting.requests * np.where(left > EMPTY, left, 0.0))[rows].sum())
