import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.protocol.metrics.billable import billable_seconds


@pytest.mark.parametrize(
    ("requests", "seconds"),
    [
        ([], 0.0),
        ([(0.0, 1)], 0.1),  # rounded up
        ([(0.0, 100)], 0.1),  # and not beyond
        ([(0.0, 100.001)], 0.2),
        ([(0.0, 250), (0.1, 250)], 0.4),  # 350 ms in one spell
        ([(0.0, 250), (0.25, 250)], 0.5),  # no pause between them
        ([(0.0, 250), (1.0, 250)], 0.6),  # two spells, each rounded up
        ([(0.0, 5000), (1.0, 100)], 5.0),  # one within the other
        ([(0.0, 5000), (1.0, 100), (4.5, 1000)], 5.5),
    ],
)
def test_time_with_a_request_in_progress(requests: list[tuple[float, float]], seconds: float) -> None:
    begin, latency = np.array(requests).reshape(-1, 2).T
    assert billable_seconds(begin + 1_780_000_000, latency) == pytest.approx(seconds)
    assert billable_seconds(begin[::-1] + 1_780_000_000, latency[::-1]) == pytest.approx(seconds)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 3000)), min_size=1, max_size=30))
def test_it_is_the_union_of_the_requests(requests: list[tuple[int, int]]) -> None:
    begin, latency = np.array(requests, dtype=np.float64).T
    busy = np.zeros(10_000, dtype=np.bool_)  # by the millisecond
    for first, long in requests:
        busy[first : first + long] = True
    found = billable_seconds(begin / 1000, latency)
    spells = int((np.diff(busy.astype(np.int8), prepend=0) == 1).sum())
    assert busy.sum() / 1000 <= found + 1e-9
    assert found <= busy.sum() / 1000 + 0.1 * spells + 1e-9
