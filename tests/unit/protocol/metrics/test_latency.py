import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.protocol.metrics.latency import BOUNDS, Distribution

LATENCIES = st.lists(st.floats(0, 2e6), min_size=1, max_size=200)


@settings(max_examples=50)
@given(LATENCIES)
def test_every_value_is_in_one_bucket_and_percentiles_are_numpys(values: list[float]) -> None:
    found = Distribution.of(values)
    assert found is not None
    assert sum(found.counts) == len(values)
    assert found.p95 == np.percentile(values, 95)
    edges = [-np.inf, *BOUNDS, np.inf]
    for low, high, count in zip(edges, edges[1:], found.counts, strict=False):
        assert count == sum(low <= v < high for v in values)


@settings(max_examples=50)
@given(st.lists(st.floats(1.5, 9e5), min_size=1, max_size=200))
def test_percentiles_of_buckets_are_within_the_bucket_of_the_value(values: list[float]) -> None:
    exact = Distribution.of(values)
    assert exact is not None
    found = Distribution.of_buckets(exact.mean, exact.bounds, exact.counts)
    assert found is not None
    inverted = np.percentile(values, 95, method="inverted_cdf")
    bucket = np.searchsorted(BOUNDS, inverted, side="right")
    assert BOUNDS[bucket - 1] <= found.p95 <= BOUNDS[bucket]


def test_interpolation_by_hand() -> None:
    # 10 below 1, 80 evenly in [1, 2), 10 in [2, 4): half of all at 1.5, 95 % in the middle of [2, 4).
    found = Distribution.of_buckets(1.6, (1, 2, 4), (10, 80, 10, 0))
    assert found is not None
    assert (found.p50, found.p95) == pytest.approx((1.5, 3.0))
    above = Distribution.of_buckets(9.0, (1, 2, 4), (0, 0, 0, 5))
    assert above is not None
    assert above.p99 == 4.0  # nothing is known of what lies above


def test_parts_add_up_to_the_whole() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    values = rng.lognormal(4, 1, 1000)
    parts = [Distribution.of(values[:300]), Distribution.of(values[300:])]
    whole = Distribution.of(values)
    assert whole is not None
    together = Distribution.together([p for p in parts if p])
    assert together.counts == whole.counts
    assert together.mean == pytest.approx(whole.mean)
    assert together.p95 == pytest.approx(whole.p95, rel=0.2)


def test_nothing_has_no_distribution() -> None:
    assert Distribution.of([]) is None
    assert Distribution.of_buckets(0.0, (1.0,), (0, 0)) is None
    with pytest.raises(ValueError, match="0 kinds"):
        Distribution.together([])
