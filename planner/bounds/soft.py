"""Minima made smooth: at temperature h the minimum of n values becomes -h log(sum exp(-x / h)), at most h log(n) lower.

The weights exp(-x / h) / sum are its gradient. Source: Y. Nesterov, Smooth minimization of non-smooth functions,
Mathematical Programming 103 (2005), with entropy as the prox function.
"""

import numpy as np

from planner.domain.instance import Floats

NOTHING = -1e300  # the score of nothing at all; minus infinity less itself would be no number
LEAST = -100.0  # weights below exp(-100) do not count, and denormal numbers are slow


def log_sum(scores: Floats) -> tuple[Floats, Floats]:
    """Log of the sum of exp over the first axis, and the share that each entry has in that sum."""
    highest = scores.max(axis=0, initial=NOTHING)
    share = scores - highest
    np.exp(np.maximum(share, LEAST, out=share), out=share)
    total = share.sum(axis=0)
    if not len(scores):
        return highest, share
    share /= total
    return highest + np.log(total), share


def log_add(one: Floats, other: Floats | float) -> Floats:
    """log(exp(one) + exp(other)) of finite scores; four times as fast as numpy's, which is not vectorised."""
    apart = np.abs(one - other)
    return np.asarray(np.maximum(one, other) + np.log(1.0 + np.exp(np.maximum(-apart, LEAST))))


def window_log_sum(scores: Floats, width: int) -> Floats:
    """(T,) log of the sum of exp over scores[t : t + width], cut at the end; windows double, so it takes log(width)."""
    block = np.maximum(scores, NOTHING)
    if width == 1:
        return block
    out, offset, size = np.full_like(block, NOTHING), 0, 1
    while offset < min(width, len(block)):
        if width & size:
            out[: len(out) - offset] = log_add(out[: len(out) - offset], block[offset:])
            offset += size
        block = np.concatenate([log_add(block[:-size], block[size:]), block[-size:]]) if offset < width else block
        size *= 2
    return out
