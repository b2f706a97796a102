"""Violation probability by quadrature; shares nothing with `domain.options`, which uses a bivariate normal."""

from itertools import pairwise

import numpy as np
from scipy.special import ndtr

from planner.domain.instance import Floats

NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(20)
FAR = 9.0  # a standard normal exceeds this with probability 1e-19
JITTER_SPLITS = np.array([1.5, 3.0, 5.0, 7.0])
SERVICE_SPLITS = np.array([-8.0, -5.5, -3.5, -1.5, 0.0, 1.5, 3.5, 5.5, 8.0])
ERROR = 1e-13  # what the quadrature is off by at most, a hundredfold


def violation_probability(spare_ms: Floats, mean_ms: Floats, sd_ms: Floats, jitter_sd_ms: float) -> Floats:
    """pi = P(S + J > spare) with S = max(1, Normal(mean, sd)) and J = max(0, Normal(0, jitter_sd)); spare = SLO - rtt.

    All arguments broadcast, in ms. Half of the mass of J is at 0; the other half is integrated (MODEL.md 1).
    """
    spare, mean, sd = (np.asarray(x, dtype=np.float64) for x in np.broadcast_arrays(spare_ms, mean_ms, sd_ms))
    still = service_exceeds(spare, mean, sd)
    if jitter_sd_ms == 0:
        return still
    moving = np.where(sd > 0, _with_jitter(spare, mean, sd, jitter_sd_ms), _rigid(spare, mean, jitter_sd_ms))
    return np.where(spare < 1, 1.0, np.clip(0.5 * still + moving, 0.0, 1.0))


def service_exceeds(limit: Floats, mean: Floats, sd: Floats) -> Floats:
    """P(S > limit): 1 below the floor of 1 ms, a normal tail above it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        tail = np.where(sd > 0, ndtr((mean - limit) / sd), np.maximum(mean, 1.0) > limit)
    return np.where(limit < 1, 1.0, tail)


def _rigid(spare: Floats, mean: Floats, jitter_sd: float) -> Floats:
    """P(J > 0 and S + J > spare) where S does not vary."""
    return np.asarray(ndtr(-np.maximum(spare - np.maximum(mean, 1.0), 0.0) / jitter_sd))


def _with_jitter(spare: Floats, mean: Floats, sd: Floats, jitter_sd: float) -> Floats:
    """P(J > 0 and S + J > spare): the floor alone violates beyond `spare - 1`, below it S must exceed the rest."""
    reach = np.maximum(spare - 1.0, 0.0) / jitter_sd
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        turns = ((spare - mean) + SERVICE_SPLITS.reshape(-1, *[1] * spare.ndim) * sd) / jitter_sd
        jumps = np.broadcast_to(JITTER_SPLITS.reshape(-1, *[1] * spare.ndim), (len(JITTER_SPLITS), *spare.shape))
        end = np.minimum(reach, FAR)
        inner = np.clip(np.concatenate([turns, jumps]), 0.0, end)
        edges = np.sort(np.concatenate([np.zeros((1, *spare.shape)), inner, end[None]]), axis=0)
        panels = (_panel(a, b, spare - mean, sd, jitter_sd) for a, b in pairwise(edges))
        return np.asarray(ndtr(-reach) + sum(panels))


def _panel(a: Floats, b: Floats, margin: Floats, sd: Floats, jitter_sd: float) -> Floats:
    """Gauss-Legendre over one panel of z = j / jitter_sd, density of j times P(S > spare - j)."""
    half = (b - a)[..., None] / 2
    z = a[..., None] + half * (1 + NODES)
    exceeds = ndtr((jitter_sd * z - margin[..., None]) / sd[..., None])
    return np.asarray((half * NODE_WEIGHTS * np.exp(-(z**2) / 2) * exceeds).sum(axis=-1) / np.sqrt(2 * np.pi))
