"""pi by quadrature against the bivariate normal of `domain.options`, against brute integration and by hand."""

import warnings

import numpy as np
import pytest
from scipy.special import ndtr

from planner.domain import options
from planner.verify.latency import ERROR, violation_probability


def cases(jitter_sd: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(int(jitter_sd * 1e6))
    mean = 10 ** rng.uniform(-1, 3, count)
    sd = np.where(rng.random(count) < 0.1, 0.0, 10 ** rng.uniform(-6, 2.5, count))
    spare = mean + 2 * rng.normal(size=count) * (sd + jitter_sd)
    spare[:400] = rng.uniform(-5, 5, 400)
    spare[400:500] = 1.0
    return spare, mean, sd


@pytest.mark.parametrize("jitter_sd", [0.0, 1e-6, 0.01, 0.5, 3.0, 30.0, 500.0])
def test_two_methods_agree(jitter_sd: float) -> None:
    spare, mean, sd = cases(jitter_sd)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the other method divides by what may be tiny
        other = options.violation_probability(spare, mean, sd, jitter_sd)
    found = violation_probability(spare, mean, sd, jitter_sd)
    assert np.abs(found - other).max() <= 1e-9
    assert ((found >= 0) & (found <= 1)).all()


def fine_integral(spare: float, mean: float, sd: float, jitter_sd: float) -> float:
    """The same integral in 4000 even panels."""
    x, weight = np.polynomial.legendre.leggauss(8)
    edges = np.linspace(0, min(max(spare - 1, 0) / jitter_sd, 12), 4001)
    half = np.diff(edges)[:, None] / 2
    z = edges[:-1, None] + half * (1 + x)
    inside = half * weight * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * ndtr((mean - spare + jitter_sd * z) / sd)
    beyond = ndtr(-max(spare - 1, 0) / jitter_sd)
    return float(ndtr((mean - spare) / sd) / 2 + inside.sum() + beyond)


@pytest.mark.parametrize("jitter_sd", [0.5, 3.0, 30.0])
def test_the_quadrature_is_as_exact_as_the_bound_assumes(jitter_sd: float) -> None:
    spare, mean, sd = (x[500:900] for x in cases(jitter_sd))
    wide = (sd > 0.05 * jitter_sd) & (spare > 1)  # what even panels can follow
    found = violation_probability(spare, mean, sd, jitter_sd)
    wanted = [fine_integral(*x, jitter_sd) for x in zip(spare[wide], mean[wide], sd[wide], strict=True)]
    assert wide.sum() > 50
    assert np.abs(found[wide] - wanted).max() <= ERROR


@pytest.mark.parametrize(
    ("spare", "mean", "sd", "jitter_sd", "wanted"),
    [
        (0.9, 1e-3, 0.0, 0.0, 1.0),  # below the floor of 1 ms
        (0.9, 1e-3, 0.0, 3.0, 1.0),
        (10.0, 10.0, 5.0, 0.0, 0.5),
        (10.0, 10.0, 0.0, 0.0, 0.0),  # exactly the limit is in time
        (10.0, 10.1, 0.0, 0.0, 1.0),
        (10.0, 10.0, 0.0, 3.0, 0.5),  # any jitter at all
        (13.0, 10.0, 0.0, 3.0, float(ndtr(-1.0))),
        (13.0, 20.0, 0.0, 3.0, 1.0),
        (1.0, 0.2, 0.0, 3.0, 0.5),  # floored to 1 ms
        (1e6, 10.0, 4.0, 3.0, 0.0),
    ],
)
def test_by_hand(spare: float, mean: float, sd: float, jitter_sd: float, wanted: float) -> None:
    found = violation_probability(np.array([spare]), np.array([mean]), np.array([sd]), jitter_sd)
    assert found[0] == pytest.approx(wanted, abs=1e-14)
