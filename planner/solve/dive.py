"""A first plan for branch and bound: whole servers, reached from the relaxation by rounding up a part at a time."""

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.results import INTEGRALITY
from planner.solve.highs import Session, Stop
from planner.solve.translate import LinearProgram

PART = 0.25  # of the fractional columns in each step; rounding all at once buys servers that nobody needs


def dive(session: Session, program: LinearProgram, columns: Ints, values: Floats, *, seconds: float | None) -> Floats:
    """(n,) whole values for `columns`, from those of the linear programme's optimum, which `session` holds.

    Each step raises the lower bounds of the columns that lack least to the next whole number and solves again. Where
    a step finds nothing in time, what is left is rounded up. The bounds are the programme's own again afterwards.
    """
    lower = program.column_lower[columns].copy()
    while len(fractional := np.flatnonzero(_excess(values) > 0)):
        nearest = fractional[np.argsort(-_excess(values)[fractional], kind="stable")]
        chosen = nearest[: int(np.ceil(PART * len(nearest)))]
        lower[chosen] = np.ceil(values[chosen])
        session.bound(columns, lower, program.column_upper[columns])
        answer = session.run(time_limit=seconds)
        if answer.stop != Stop.OPTIMAL or answer.values is None:
            break
        values = answer.values[columns]
    session.bound(columns, program.column_lower[columns], program.column_upper[columns])
    return np.ceil(values - INTEGRALITY)


def _excess(values: Floats) -> Floats:
    """What each value has above a whole number, 0 within the tolerance."""
    above = values - np.floor(values + INTEGRALITY)
    return np.where(above > INTEGRALITY, above, 0.0)
