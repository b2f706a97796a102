import pytest

from planner.metrics.profiles import profiles

ROWS = [("a", "greedy", 0.2), ("b", "greedy", None), ("c", "greedy", 0.0), ("a", "mpc", 0.1), ("b", "mpc", 0.1)]


def test_shares_count_every_instance() -> None:
    found = {profile.policy: profile for profile in profiles(ROWS)}
    assert [found["greedy"].within(gap) for gap in (0, 0.1, 0.2)] == pytest.approx([1 / 3, 1 / 3, 2 / 3])
    assert [found["mpc"].within(gap) for gap in (0.05, 0.1)] == pytest.approx([0, 2 / 3])  # it never ran on c


def test_the_best_median_comes_first() -> None:
    assert [profile.policy for profile in profiles(ROWS)] == ["mpc", "greedy"]
    assert [p.policy for p in profiles([("a", "x", None), ("a", "y", 9.0)])] == ["y", "x"]


def test_a_pair_stands_once() -> None:
    with pytest.raises(ValueError, match="mpc on a"):
        profiles([*ROWS, ("a", "mpc", 0.3)])
