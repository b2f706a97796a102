"""(C1): whatever a certificate says of a rounding cut, it proves nothing that is not so."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.domain.results import Cut, Multipliers
from planner.errors import InvalidInput
from planner.io.instances import load_instance
from planner.io.multipliers import multipliers_document
from planner.io.plans import multipliers_from_document, save_multipliers
from planner.io.reading import read_document
from planner.solve.oracle import bound, solve
from planner.verify.bound import lower_bound

HOURS = 12
CAPTIVE = ({0}, {1}, {2, 3}, {4})  # the least sets of regions that some demand cannot leave, for its latency


@pytest.fixture(scope="module")
def day() -> Instance:
    """Half a day of the seed study with whole servers."""
    return slice_periods(load_instance("seed/five-region-week-tight"), 0, HOURS)


@pytest.fixture(scope="module")
def certificate(day: Instance) -> Multipliers:
    found = bound(day)[1]
    assert len(found.cuts) > 3
    return found


@pytest.fixture(scope="module")
def optimum(day: Instance) -> float:
    return solve(day, gap=1e-9).objective.total


def with_cuts(certificate: Multipliers, *cuts: Cut) -> Multipliers:
    return replace(certificate, cuts=cuts)


def region_sets(day: Instance) -> Iterator[tuple[int, ...]]:
    for size in range(len(day.regions) + 1):
        yield from combinations(range(len(day.regions)), size)


def test_true_cuts_raise_the_bound(day: Instance, certificate: Multipliers, optimum: float) -> None:
    without, full = lower_bound(day, with_cuts(certificate)), lower_bound(day, certificate)
    assert without < full <= optimum * (1 + 1e-9)


def test_no_change_of_a_cut_proves_more_than_there_is(day: Instance, certificate: Multipliers, optimum: float) -> None:
    draw = np.random.default_rng(0)
    sets = list(region_sets(day))
    for _ in range(120):
        k = int(draw.integers(len(certificate.cuts)))
        first, last = sorted(draw.integers(0, HOURS, 2).tolist())
        changes = [
            {"regions": sets[draw.integers(len(sets))]},
            {"first": first, "last": last},
            {"multiplier": certificate.cuts[k].multiplier * 10 ** draw.uniform(-2, 3)},
        ]
        chosen = [change for change in changes if draw.random() < 0.6]
        wrong = replace(certificate.cuts[k], **{name: value for change in chosen for name, value in change.items()})
        cuts = (*certificate.cuts[:k], wrong, *certificate.cuts[k + 1 :])
        assert lower_bound(day, with_cuts(certificate, *cuts)) <= optimum * (1 + 1e-9)


def test_regions_that_hold_no_demand_captive_gain_nothing(day: Instance, certificate: Multipliers) -> None:
    """A region set leaves out a region to which all its demand may go: nothing is needed within it."""
    without = lower_bound(day, with_cuts(certificate))
    gains = {
        regions: lower_bound(day, with_cuts(certificate, Cut(regions, 0, HOURS - 1, 1e-3))) - without
        for regions in region_sets(day)
    }
    free = [gain for regions, gain in gains.items() if not any(alone <= set(regions) for alone in CAPTIVE)]
    assert len(free) == 3  # no region, and each of the two in Europe alone
    assert max(free) <= 0
    assert max(gains.values()) > 0


def test_a_right_hand_side_is_nowhere_to_be_written(day: Instance, certificate: Multipliers, tmp_path) -> None:
    save_multipliers(certificate, 0.0, day, tmp_path / "certificate.json")
    document = read_document(tmp_path / "certificate.json")
    assert document["multipliers"] == multipliers_document(certificate, day)
    document["multipliers"]["cuts"][0]["servers"] = 1000
    with pytest.raises(InvalidInput, match="/multipliers/cuts/0/servers"):
        multipliers_from_document(document, day)
