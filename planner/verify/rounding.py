"""Outward rounding: floats that are at most the exact value they stand for.

A float operation errs by at most 2**-53 of its result (no underflow is near in these units). A sum of products that
goes through fewer than 60 operations errs by less than 64 * 2**-53 of the sum of its terms' sizes, which is subtracted.
"""

import math
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import mul

import numpy as np

from planner.domain.instance import Floats

ROUNDOFF = 64 * 2.0**-53
Term = tuple[Floats | float, ...]


def lowered_sum(*terms: Term) -> Floats:
    """At most the sum of the products of each term's factors, which broadcast; factors must be finite."""
    value = sum(reduce(mul, term) for term in terms)
    size = sum(reduce(mul, map(np.abs, term)) for term in terms)
    return np.asarray(value - ROUNDOFF * size)


def lowered_mean(values: Floats) -> Floats:
    """At most the mean over the last axis, however long."""
    count = values.shape[-1]
    return np.asarray(values.mean(axis=-1) - (count + 64) * 2.0**-53 * np.abs(values).mean(axis=-1))


def below(values: Floats) -> Floats:
    """At most the exact result of the one operation whose rounded result is given; 0 and infinities are exact."""
    return np.asarray(values * (1.0 - np.copysign(2.0**-52, values)))


def lowered_total(parts: Iterable[Floats]) -> float:
    """At most the sum of all entries, some of which may be infinite; minus infinity wins.

    The sum is rounded once, so neither their order nor how they come in parts matters.
    """
    endless: set[float] = set()
    total = math.fsum(_finite(parts, endless))
    return min(endless, default=float(below(np.array(total))))


def _finite(parts: Iterable[Floats], endless: set[float]) -> Iterator[float]:
    """The finite entries; infinite ones go into `endless`."""
    for part in parts:
        flat = np.ravel(part)
        bounded = np.isfinite(flat)
        endless.update(flat[~bounded].tolist())
        yield from flat[bounded].tolist()
