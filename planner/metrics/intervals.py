"""Confidence intervals of a mean over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and half the width of its confidence interval, None of a single value."""

    mean: float
    half_width: float | None


def interval(values: Sequence[float], *, confidence: float = 0.95) -> Interval:
    """Student's t interval of the mean of independent values."""
    sample = np.asarray(values, dtype=np.float64)
    freedom = len(sample) - 1
    if freedom < 1:
        return Interval(float(sample.mean()), None)
    if np.ptp(sample) == 0:  # the mean of equal figures differs from them by rounding
        return Interval(float(sample[0]), 0.0)
    quantile = float(stdtrit(freedom, 0.5 + confidence / 2))
    return Interval(float(sample.mean()), quantile * float(sample.std(ddof=1)) / len(sample) ** 0.5)
