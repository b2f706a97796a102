"""The most that some hours in a row have brought."""

import numpy as np
import pytest

from planner.policies.arrivals import Arrivals


@pytest.mark.parametrize("periods", [1, 3, 4, 5, 11])
def test_the_most_of_any_window_of_the_last_hours(periods: int) -> None:
    hours, brought = 4, np.random.default_rng(periods).uniform(0, 9, (periods, 2))
    arrivals = Arrivals(hours, (2,))
    for period, amount in enumerate(brought):
        arrivals.note(period, amount)
    seen = brought[-hours:]
    windows = [[seen[i : i + k].sum(axis=0) for i in range(max(1, len(seen) - k + 1))] for k in range(hours + 1)]
    assert arrivals.most() == pytest.approx(np.array([np.max(window, axis=0) for window in windows]))
