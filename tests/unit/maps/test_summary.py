from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.domain.instance import HourMapRule, Instance
from planner.domain.plan import HourMap
from planner.maps.scenario_b import lowest_carbon_map
from planner.maps.summary import summarise

Maker = Callable[..., Instance]
CARBON = np.array([[1.0, 5.0, 1.0, 5.0], [3.0, 2.0, 3.0, 2.0]])


def test_one_map_against_the_best_region_to_stay_in(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    (summary,) = summarise(instance, lowest_carbon_map(instance))
    assert list(summary.periods) == [2, 2]
    assert summary.switches == 3
    assert summary.carbon_intensity == pytest.approx(1.5)
    assert (summary.best_fixed, summary.best_fixed_carbon_intensity) == ("r1", pytest.approx(2.5))
    assert summary.below_best_fixed == pytest.approx(0.4)
    assert summary.workload is None


def test_a_region_that_may_not_serve_always_is_no_fixed_choice(uncoupled: Maker) -> None:
    servers = np.array([[1.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]])
    instance = uncoupled(CARBON, servers=servers)
    (summary,) = summarise(instance, lowest_carbon_map(instance))
    assert summary.best_fixed == "r0"
    none = instance.replace(servers=np.array([[0.0, 1.0, 1.0, 1.0], [1.0, 0.0, 1.0, 1.0]]))
    (summary,) = summarise(none, lowest_carbon_map(none))
    assert summary.best_fixed is summary.best_fixed_carbon_intensity is summary.below_best_fixed is None


def test_each_workload_has_a_summary(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    home = replace(instance.workloads[0], name="home", allowed_regions=("r0",))
    both = instance.replace(workloads=(instance.workloads[0], home), requests=np.ones((2, 1, 4), dtype=np.int64))
    first, second = summarise(both, lowest_carbon_map(both, HourMapRule(per_workload=True)))
    assert (first.workload, second.workload) == ("only", "home")
    assert second.best_fixed == "r0"
    assert second.below_best_fixed == pytest.approx(0.0)


def test_a_dirtier_map_lies_above_the_fixed_region(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    (summary,) = summarise(instance, HourMap(region=np.array([[1, 0, 1, 0]])))
    assert summary.below_best_fixed == pytest.approx(1 - 4 / 2.5)
