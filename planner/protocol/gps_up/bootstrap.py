"""Bootstrap confidence intervals of ratios between scenarios that ran the same invocations."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Floats, Ints

RESAMPLES = 2000
CHUNK = 4_000_000  # counts held at once


def resampled_sums(values: Floats, stratum: Ints, *, draw: np.random.Generator, resamples: int = RESAMPLES) -> Floats:
    """(K,B,S) sums over resampled invocations, one block per stratum k, of `values` (S,n) by invocation.

    Invocations are drawn with replacement within their stratum (n,), the same for all S: what the scenarios share does
    not widen the interval. Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 8.
    """
    strata = range(int(stratum.max(initial=-1)) + 1)
    sums = np.zeros((len(strata), resamples, len(values)))
    for k in strata:
        mine = values[:, stratum == k].T
        if len(mine):
            sums[k] = np.concatenate([weights @ mine for weights in _weights(len(mine), resamples, draw)])
    return sums


def interval(samples: Floats, *, confidence: float = 0.95) -> tuple[float, float]:
    """The percentile interval."""
    low, high = np.percentile(samples, (50 * (1 - confidence), 50 * (1 + confidence)))
    return float(low), float(high)


def _weights(n: int, resamples: int, draw: np.random.Generator) -> Iterator[Floats]:
    """How often each of n invocations is drawn, (b,n) at a time."""
    at_once = max(1, CHUNK // n)
    for first in range(0, resamples, at_once):
        size = min(at_once, resamples - first)
        yield draw.multinomial(n, np.full(n, 1 / n), size=size).astype(np.float64)
