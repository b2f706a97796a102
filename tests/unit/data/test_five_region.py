from dataclasses import dataclass

import numpy as np
import pytest

from planner.data.five_region import (
    BASE_CARBON_G_PER_KWH,
    JITTER_SD_MS,
    WORKLOADS,
    carbon_series,
    draw_requests,
    five_region_week,
)
from planner.data.five_region_tight import five_region_week_tight

# The study's printed table: mean ms, P95 ms, SLO violated %, mean CI, requests by region.
PUBLISHED = {
    "latency-first": (37.5, 79.5, 0.00, 268.7, (13419, 6739, 8435, 0, 5007)),
    "carbon-first": (132.7, 225.3, 71.31, 24.9, (0, 0, 0, 33600, 0)),
    "hybrid 0.2": (102.9, 200.8, 51.45, 35.6, (0, 6673, 0, 26927, 0)),
    "hybrid 0.3": (102.6, 200.6, 51.25, 35.7, (0, 6739, 0, 26861, 0)),
    "hybrid 0.5": (82.1, 193.2, 20.31, 70.5, (0, 15813, 0, 15339, 2448)),
    "hybrid 0.7": (45.9, 92.6, 0.32, 182.5, (10840, 9318, 0, 8435, 5007)),
    "constrained": (62.3, 129.3, 0.00, 121.5, (1900, 17770, 0, 8923, 5007)),
}
VIOLATED_BY_WORKLOAD = {
    "constrained": {"bert_base": 0.00, "bert_large": 0.01, "resnet50": 0.00},
    "hybrid 0.7": {"bert_base": 0.00, "bert_large": 0.18, "resnet50": 2.68},
    "carbon-first": {"bert_base": 74.88, "bert_large": 63.11, "resnet50": 74.76},
}


@dataclass(frozen=True)
class Study:
    """Every request of the study with what it meets: (n,5) round trip and carbon intensity, (n,) times and limits."""

    rtt: np.ndarray
    carbon: np.ndarray
    inference: np.ndarray
    jitter: np.ndarray
    slo: np.ndarray
    workload: np.ndarray


@pytest.fixture(scope="module")
def study() -> Study:
    week = five_region_week()
    log = week.request_log
    mean, sd, slo = (np.array([w[i] for w in WORKLOADS.values()])[log.workload] for i in range(3))
    # One request after the other: inference, then jitter.
    drawn = np.random.default_rng(42).standard_normal((len(mean), 2))
    return Study(
        rtt=week.rtt_ms[log.origin],
        carbon=week.carbon_intensity_g_per_kwh.T[np.repeat(np.arange(168), 200)],
        inference=np.maximum(1, mean + sd * drawn[:, 0]),
        jitter=np.maximum(0, JITTER_SD_MS * drawn[:, 1]),
        slo=slo,
        workload=log.workload,
    )


def choice(name: str, s: Study) -> np.ndarray:
    if name == "latency-first":
        return s.rtt.argmin(axis=1)
    if name == "carbon-first":
        return s.carbon.argmin(axis=1)
    if name == "constrained":
        eligible = s.rtt + s.inference[:, None] + 9 <= s.slo[:, None]
        cleanest = np.where(eligible, s.carbon, np.inf).argmin(axis=1)
        return np.where(eligible.any(axis=1), cleanest, s.rtt.argmin(axis=1))
    alpha = float(name.split()[1])
    latency, carbon = np.clip((s.rtt - 5) / 225, 0, 1), np.clip((s.carbon - 5) / 445, 0, 1)
    return (alpha * latency + (1 - alpha) * carbon).argmin(axis=1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_table(study: Study, name: str) -> None:
    chosen = choice(name, study)
    row = np.arange(len(chosen))
    latency = study.rtt[row, chosen] + study.inference + study.jitter
    violated = latency > study.slo
    mean_ms, p95_ms, violated_percent, mean_carbon, by_region = PUBLISHED[name]
    assert tuple(np.bincount(chosen, minlength=5)) == by_region
    assert round(latency.mean(), 1) == mean_ms
    assert round(np.percentile(latency, 95), 1) == p95_ms
    assert round(100 * violated.mean(), 2) == violated_percent
    assert round(study.carbon[row, chosen].mean(), 1) == mean_carbon
    for w, workload in enumerate(WORKLOADS):
        expected = VIOLATED_BY_WORKLOAD.get(name, {}).get(workload)
        assert expected is None or round(100 * violated[study.workload == w].mean(), 2) == expected


def test_streams_are_the_legacy_ones() -> None:
    np.random.seed(7)  # noqa: NPY002 - what the study itself does
    expected = np.random.uniform(0.9, 1.1, 3)  # noqa: NPY002
    daily = 1 + 0.2 * np.sin(2 * np.pi * (np.arange(3) - 6) / 24)
    series = BASE_CARBON_G_PER_KWH["US-East"] * daily * expected
    np.testing.assert_allclose(carbon_series(3, 7)[0], series, rtol=1e-15)
    np.random.seed(7)  # noqa: NPY002
    origins = np.random.choice(4, size=6, p=[0.4, 0.2, 0.25, 0.15])  # noqa: NPY002
    workloads = np.random.choice(3, size=6, p=[0.6, 0.3, 0.1])  # noqa: NPY002
    log = draw_requests(3, 2, 7)
    assert log.origin.tolist() == origins.tolist()
    assert log.workload.tolist() == workloads.tolist()


def test_counts_are_the_histogram_of_the_log() -> None:
    week = five_region_week(hours=30, requests_per_hour=50, seed=1)
    assert (week.requests.sum(axis=(0, 1)) == 50).all()
    log = week.request_log
    first = (log.workload[:50] == 0) & (log.origin[:50] == 1)
    assert week.requests[0, 1, 0] == first.sum()


def test_tight_scales_the_same_requests_to_the_stated_capacity() -> None:
    week, tight = five_region_week(), five_region_week_tight()
    assert (tight.requests == 16_300 * week.requests).all()
    seconds = np.array([w.variants[0].profiles["server"].server_seconds_per_request for w in tight.workloads])
    peak = np.einsum("wot,w->t", tight.requests, seconds).max()
    assert 20 * 3600 * 0.7 / peak == pytest.approx(0.45, abs=0.005)
    assert tight.request_log is None
    assert [w.slack_periods for w in tight.workloads] == [0, 12, 6]
    assert sum(n.startswith("Assumption") for n in tight.notes) >= 5
