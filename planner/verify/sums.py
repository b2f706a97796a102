"""Sums the judge relies on."""

import math

import numpy as np

from planner.domain.instance import Floats, Ints


def tally(where: Ints, values: Floats | Ints, size: int) -> Floats:
    """(size,) sums of the values that share an index."""
    return np.bincount(where, values, minlength=size).astype(np.float64)


def total(values: Floats) -> float:
    """Sum without rounding on the way."""
    return math.fsum(np.ravel(values).tolist())
