from itertools import groupby, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.instance import Floats, Ints
from planner.errors import Infeasible, UsageError
from planner.maps.switching import cheapest_path

INF = float("inf")


def stays(path: Ints) -> list[int]:
    return [len(list(run)) for _, run in groupby(path)]


def total(cost: Floats, path: Ints) -> float:
    return float(cost[path, np.arange(len(path))].sum())


def by_enumeration(cost: Floats, max_switches: int | None, min_dwell: int) -> tuple[int, ...] | None:
    """The cheapest of all paths; the first of equals, as `product` counts up from the first region."""
    best, least = None, INF
    for path in product(range(len(cost)), repeat=cost.shape[1]):
        lengths = stays(np.array(path))
        kept = max_switches is None or len(lengths) - 1 <= max_switches
        if kept and min(lengths[:-1], default=min_dwell) >= min_dwell and total(cost, np.array(path)) < least:
            best, least = path, total(cost, np.array(path))
    return best


@st.composite
def costs(draw: st.DrawFn) -> Floats:
    """Quarters, so that ties are frequent and sums exact, with some regions closed."""
    shape = draw(st.integers(1, 3)), draw(st.integers(1, 6))
    cell = st.one_of(st.integers(0, 8).map(lambda x: x / 4), st.just(INF)) if draw(st.booleans()) else st.integers(0, 3)
    cells = draw(st.lists(cell, min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]))
    return np.array(cells, dtype=np.float64).reshape(shape)


@settings(max_examples=300, deadline=None)
@given(costs(), st.one_of(st.none(), st.integers(0, 4)), st.integers(1, 7))
def test_equals_enumeration_of_all_paths(cost: Floats, max_switches: int | None, min_dwell: int) -> None:
    best = by_enumeration(cost, max_switches, min_dwell)
    if best is None:
        with pytest.raises(Infeasible, match=r"hour map \(M10\)"):
            cheapest_path(cost, max_switches=max_switches, min_dwell=min_dwell)
    else:
        assert tuple(cheapest_path(cost, max_switches=max_switches, min_dwell=min_dwell)) == best


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_more_switches_and_shorter_stays_never_cost_more(seed: int, min_dwell: int) -> None:
    cost = np.random.default_rng(seed).uniform(5, 500, (5, 60))
    by_switches = [total(cost, cheapest_path(cost, max_switches=k, min_dwell=min_dwell)) for k in (0, 1, 2, 5, 20)]
    by_switches.append(total(cost, cheapest_path(cost, min_dwell=min_dwell)))
    assert all(fewer >= more - 1e-9 for fewer, more in pairwise(by_switches))
    shorter = total(cost, cheapest_path(cost, max_switches=5, min_dwell=min_dwell))
    assert shorter <= total(cost, cheapest_path(cost, max_switches=5, min_dwell=min_dwell + 1)) + 1e-9


def test_a_year_of_many_regions_keeps_its_limits() -> None:
    cost = np.random.default_rng(0).uniform(5, 500, (36, 8760))
    path = cheapest_path(cost, max_switches=50, min_dwell=24)
    lengths = stays(path)
    assert len(lengths) == 51
    assert min(lengths[:-1]) >= 24
    assert total(cost, path) < cost.sum(axis=1).min()


def test_without_limits_each_period_takes_its_first_cheapest_region() -> None:
    cost = np.random.default_rng(0).integers(0, 4, (6, 500)).astype(np.float64)
    assert (cheapest_path(cost) == cost.argmin(axis=0)).all()


def test_equal_regions_tie_to_the_first_although_their_sums_round() -> None:
    row = np.random.default_rng(1).uniform(0.1, 0.7, 200)
    assert not cheapest_path(np.array([row, row, row]), max_switches=7, min_dwell=5).any()


def test_only_the_last_stay_may_be_shorter_than_the_dwell() -> None:
    cost = np.array([[0.0, 9, 9, 9, 0], [9.0, 0, 0, 0, 9]])
    assert list(cheapest_path(cost, min_dwell=2)) == [0, 0, 1, 1, 0]  # free, it would be 0 1 1 1 0
    assert (cheapest_path(cost, min_dwell=9) == 1).all()  # longer than the horizon: nothing changes


def test_dwell_passes_a_closed_region_by() -> None:
    cost = np.array([[1.0, INF, 1.0, 1.0], [5.0, 5.0, 5.0, 5.0]])
    assert list(cheapest_path(cost, max_switches=1)) == [1, 1, 0, 0]
    with pytest.raises(Infeasible, match="at most 0 switches and stays of 1 periods or more"):
        cheapest_path(np.array([[1.0, INF], [INF, 1.0]]), max_switches=0)


def test_a_closed_period_is_named() -> None:
    with pytest.raises(Infeasible, match="no region is allowed in 1 periods, the first 2"):
        cheapest_path(np.array([[1.0, 1.0, INF]]))


@pytest.mark.parametrize("limits", [{"max_switches": -1}, {"min_dwell": 0}])
def test_limits_that_make_no_sense_are_refused(limits: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="at least 0 and 1"):
        cheapest_path(np.ones((1, 1)), **limits)
