"""First come first served: against queueing theory, against a plain event loop, and with servers that come and go."""

from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from planner.replay.queueing import waits


def always(servers: int, arrival: np.ndarray, busy: np.ndarray) -> np.ndarray:
    """One long period of so many servers."""
    return waits(arrival, busy, np.array([servers]), float(arrival[-1]) + 1)


def poisson(rate: float, size: int, seed: int) -> np.ndarray:
    return np.cumsum(np.random.default_rng(seed).exponential(1 / rate, size))


def erlang_c(servers: int, load: float) -> float:
    """Probability to wait in M/M/c."""
    tail = load**servers / factorial(servers) * servers / (servers - load)
    return tail / (sum(load**k / factorial(k) for k in range(servers)) + tail)


@pytest.mark.parametrize(("servers", "utilisation"), [(1, 0.6), (3, 0.8), (10, 0.9), (50, 0.95)])
def test_m_m_c(servers: int, utilisation: float) -> None:
    """Mean wait and the probability to wait, over 40 runs, to five standard errors."""
    load = servers * utilisation
    found = []
    for seed in range(40):
        arrival = poisson(load, 20_000, seed)
        busy = np.random.default_rng([seed, 1]).exponential(1.0, len(arrival))
        waited = always(servers, arrival, busy)[5_000:]
        found.append((waited.mean(), (waited > 0).mean()))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / 40**0.5
    expected = erlang_c(servers, load)
    assert mean[1] == pytest.approx(expected, abs=5 * error[1])
    assert mean[0] == pytest.approx(expected / (servers - load), abs=5 * error[0])
    assert error[0] < 0.2 * mean[0]  # the test can tell


@pytest.mark.parametrize("shape", ["constant", "normal", "gamma"])
def test_m_g_1(shape: str) -> None:
    """Pollaczek and Khinchine: mean wait = rate E[S^2] / (2 (1 - rho))."""
    rate, found, squares = 0.7, [], []
    for seed in range(40):
        draw = np.random.default_rng([seed, 2])
        arrival = poisson(rate, 20_000, seed)
        busy = {
            "constant": np.ones(len(arrival)),
            "normal": np.maximum(0.1, draw.normal(1.0, 0.2, len(arrival))),
            "gamma": draw.gamma(0.5, 2.0, len(arrival)),
        }[shape]
        squares.append((busy**2).mean())
        found.append(always(1, arrival, busy)[5_000:].mean())
    expected = rate * np.mean(squares) / (2 * (1 - rate))
    assert np.mean(found) == pytest.approx(expected, abs=5 * np.std(found, ddof=1) / 40**0.5)


def event_by_event(arrival: np.ndarray, busy: np.ndarray, servers: list[int], period: float) -> list[float]:
    """The same rule without vectors: one request after the other, servers listed by when they are free."""
    free: list[float] = []
    waited, line = [np.inf] * len(arrival), 0
    for index, count in enumerate(servers):
        begin, end = index * period, (index + 1) * period
        free = sorted(free)[max(0, len(free) - count) :] + [begin] * (count - len(free))
        while count and line < len(arrival) and arrival[line] < end:
            first = min(range(count), key=free.__getitem__)
            start = max(free[first], arrival[line], begin)
            free[first], waited[line] = start + busy[line], start - arrival[line]
            line += 1
    return waited


@given(
    st.lists(st.tuples(st.floats(0, 3.99), st.floats(0.01, 2)), min_size=1, max_size=40),
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
)
@hypothesis_settings(max_examples=200)
def test_servers_come_and_go(requests: list[tuple[float, float]], servers: list[int]) -> None:
    arrival, busy = (np.array(column) for column in zip(*sorted(requests), strict=True))
    found = waits(arrival, busy, np.array(servers), 1.0)
    assert found.tolist() == pytest.approx(event_by_event(arrival, busy, servers, 1.0), abs=1e-9)


def test_by_hand() -> None:
    arrival, busy = np.array([0.0, 0.1, 0.2, 5.0]), np.array([2.0, 1.0, 1.0, 1.0])
    assert always(1, arrival, busy) == pytest.approx([0, 1.9, 2.8, 0])
    assert always(2, arrival, busy) == pytest.approx([0, 0, 0.9, 0])
    assert always(3, arrival, busy) == pytest.approx([0, 0, 0, 0])
    # No server in the first of two periods of 4: the three wait for the second, where the last finds two at work.
    assert waits(arrival, busy, np.array([0, 1]), 4.0) == pytest.approx([4, 5.9, 6.8, 3])
    assert waits(arrival, busy, np.array([0, 0]), 4.0).tolist() == [np.inf] * 4


def test_a_server_that_leaves_finishes_what_it_has() -> None:
    arrival, busy = np.array([0.0, 0.0, 1.1]), np.array([1.5, 3.0, 1.0])
    # Two servers, then one: the one free at 1.5 leaves, the third request waits for the other, at 3.
    assert waits(arrival, busy, np.array([2, 1]), 1.0) == pytest.approx([0, 0, 1.9])


def test_against_ciw() -> None:
    """The same arrivals and services in a simulator of queueing networks."""
    ciw = pytest.importorskip("ciw", reason="ciw is not installed")
    arrival = poisson(2.4, 400, 1)
    busy = np.random.default_rng(2).exponential(1.0, len(arrival))
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*np.diff(arrival, prepend=0.0).tolist(), float("inf")])],
        service_distributions=[ciw.dists.Sequential(busy.tolist())],
        number_of_servers=[3],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(float(arrival[-1]) + 1_000)
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    found = always(3, arrival, busy)
    assert found.max() > 1
    assert [record.waiting_time for record in records] == pytest.approx(found.tolist(), abs=1e-6)
