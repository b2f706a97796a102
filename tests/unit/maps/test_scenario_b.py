from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from planner.data.five_region import five_region_week
from planner.domain.instance import HourMapRule, Instance, Job
from planner.errors import Infeasible
from planner.maps.allowed import allowed_regions
from planner.maps.scenario_b import lowest_carbon_map

Maker = Callable[..., Instance]
CARBON = np.array([[1.0, 5.0, 1.0, 5.0], [3.0, 3.0, 3.0, 3.0], [3.0, 2.0, 9.0, 3.0]])


def test_every_hour_of_the_study_takes_the_region_of_lowest_intensity() -> None:
    instance = five_region_week()
    found = lowest_carbon_map(instance)
    assert (found.region == instance.carbon_intensity_g_per_kwh.argmin(axis=0)).all()
    north = [r.name for r in instance.regions].index("EU-North")
    assert (found.region == north).mean() > 0.99


def test_ties_go_to_the_first_region(uncoupled: Maker) -> None:
    assert list(lowest_carbon_map(uncoupled(CARBON)).region[0]) == [0, 2, 0, 1]


def test_rule_of_the_map_is_kept(uncoupled: Maker) -> None:
    found = lowest_carbon_map(uncoupled(CARBON), HourMapRule(max_switches=1, min_dwell_periods=2))
    assert found.switches <= 1
    assert found.region.shape == (1, 4)


def test_residency_closes_regions(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    home = replace(instance.workloads[0], allowed_regions=("r1",))
    assert (lowest_carbon_map(instance.replace(workloads=(home,))).region == 1).all()


def test_hard_slo_closes_regions_for_the_origins_that_ask(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    fast = replace(instance.workloads[0], slo_ms=50.0)
    asks = np.array([[[1, 1, 0, 0], [0, 0, 1, 1]]])
    far = instance.replace(
        workloads=(fast,), origins=("a", "b"), rtt_ms=np.array([[90.0, 0.0, 0.0], [0.0, 0.0, 90.0]]), requests=asks
    )
    assert list(lowest_carbon_map(far).region[0]) == [1, 2, 0, 1]
    priced = far.replace(workloads=(replace(fast, slo_mode="priced"),))
    assert list(lowest_carbon_map(priced).region[0]) == [0, 2, 0, 1]


def test_a_region_without_servers_is_closed(uncoupled: Maker) -> None:
    servers = np.full(CARBON.shape, np.inf)
    servers[0, 0] = 0
    assert list(lowest_carbon_map(uncoupled(CARBON, servers=servers)).region[0]) == [1, 2, 0, 1]


def test_an_hour_without_requests_is_open_to_all(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON, requests=np.zeros((1, 1, 4), dtype=np.int64))
    assert allowed_regions(instance).all()


def test_a_job_asks_from_its_release_for_its_length(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON, requests=np.zeros((1, 1, 4), dtype=np.int64))
    home = replace(instance.workloads[0], allowed_regions=("r1",))
    free = replace(instance.workloads[0], name="free")
    job = Job("train", "only", "users", release=1, deadline=3, length=2)
    busy = instance.replace(workloads=(home, free), requests=np.zeros((2, 1, 4), dtype=np.int64), jobs=(job,))
    assert list(lowest_carbon_map(busy).region[0]) == [0, 1, 1, 1]
    closed = ~allowed_regions(busy)[0]
    assert closed[:, [0, 3]].sum() == 0
    assert closed[[0, 2]][:, 1:3].all()


def test_per_workload_each_has_its_own(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    home = replace(instance.workloads[0], name="home", allowed_regions=("r2",))
    both = instance.replace(workloads=(instance.workloads[0], home), requests=np.ones((2, 1, 4), dtype=np.int64))
    found = lowest_carbon_map(both, HourMapRule(per_workload=True))
    assert found.per_workload
    assert list(found.region[0]) == [0, 2, 0, 1]
    assert (found.region[1] == 2).all()
    assert (lowest_carbon_map(both).region == 2).all()


def test_who_clashes_is_named(uncoupled: Maker) -> None:
    instance = uncoupled(CARBON)
    here, there = (replace(instance.workloads[0], name=n, allowed_regions=(r,)) for n, r in [("x", "r0"), ("y", "r1")])
    everywhere = replace(instance.workloads[0], name="z")
    asks = np.ones((3, 1, 4), dtype=np.int64)
    asks[1, 0, 0] = 0
    clash = instance.replace(workloads=(here, there, everywhere), requests=asks)
    with pytest.raises(Infeasible) as caught:
        lowest_carbon_map(clash)
    message = str(caught.value)
    assert "2026-01-01 01:00 UTC" in message
    assert "x from users may be served in {r0}, y from users may be served in {r1}" in message
    assert "3 such periods" in message
    assert "z from" not in message
    assert lowest_carbon_map(clash, HourMapRule(per_workload=True)).region.shape == (3, 4)


def test_a_rule_that_no_sequence_keeps_is_infeasible(uncoupled: Maker) -> None:
    servers = np.full((2, 4), np.inf)
    servers[0, 1] = servers[1, 2] = 0
    instance = uncoupled(CARBON[:2], servers=servers)
    with pytest.raises(Infeasible, match="at most 0 switches"):
        lowest_carbon_map(instance, HourMapRule(max_switches=0))
