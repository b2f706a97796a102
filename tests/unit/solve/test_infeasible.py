"""Why no plan exists is said with the families, places and figures that clash."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.domain.instance import Caps, CarbonKind, Instance, Job, Pool, Profile, Region, Variant, Workload
from planner.errors import Infeasible
from planner.solve.oracle import solve


def instance(**changes: object) -> Instance:
    """Two regions, two workloads of 3,600 server-seconds a request, three hours, two servers a region."""
    variant = Variant("base", {"cpu": Profile(50.0, 0.0, 3600.0, 3.6e6)})
    base = Instance(
        name="clash",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=60,
        regions=(Region("north", "N"), Region("south", "S")),
        pools=(Pool("n", "north", "cpu"), Pool("s", "south", "cpu")),
        origins=("here",),
        workloads=(Workload("chat", (variant,)), Workload("batch", (variant,), slack_periods=1)),
        carbon_intensity_g_per_kwh=np.array([[100.0, 100, 100], [200, 200, 200]]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[10.0, 80.0]]),
        requests=np.array([[[1, 3, 1]], [[0, 2, 0]]]),
        servers=np.full((2, 3), 2.0),
    )
    return base.replace(**changes)


def clashes(case: Instance) -> str:
    with pytest.raises(Infeasible) as caught:
        solve(case)
    return str(caught.value)


def test_the_base_case_has_a_plan() -> None:
    # hour 1: 3 chat requests on 2 + 1 servers, hour 2: batch waits; all servers of the clean region are used first
    assert solve(instance()).objective.total == pytest.approx(0.1 + (2 * 0.1 + 2 * 0.2) + 2 * 0.1)


def test_too_few_servers_are_named_with_hour_workloads_and_server_hours() -> None:
    text = clashes(instance(requests=np.array([[[1, 5, 1]], [[0, 2, 0]]])))
    assert "hour 1: 1 workload needs 5 server-hours in {north, south}, 4 exist (chat)" in text
    assert "1 requests cannot be served" in text


def test_an_interval_of_two_workloads_is_named() -> None:
    text = clashes(instance(requests=np.array([[[1, 4, 2]], [[0, 3, 0]]])))
    assert "hours 1-2: 2 workloads need 9 server-hours in {north, south}, 8 exist (chat, batch)" in text


def test_an_hour_without_a_limit_hides_no_later_one() -> None:
    servers = np.array([[np.inf, 2, 2], [2.0, 2, 2]])
    text = clashes(instance(requests=np.array([[[1, 1, 9]], [[0, 0, 0]]]), servers=servers))
    assert "hour 2: 1 workload needs 9 server-hours in {north, south}, 4 exist (chat)" in text


def test_a_hard_slo_that_no_region_meets_is_named() -> None:
    case = instance()
    fast = replace(case.workloads[0], slo_ms=20.0)
    assert "(M0) chat from here: the SLO of 20 ms is hard" in clashes(case.replace(workloads=(fast, case.workloads[1])))


def test_a_workload_without_hardware_is_named() -> None:
    case = instance()
    elsewhere = replace(case.workloads[0], variants=(Variant("base", {"gpu": Profile(1, 0, 1, 1)}),))
    assert "no pool in its allowed regions has hardware" in clashes(
        case.replace(workloads=(elsewhere, case.workloads[1]))
    )


def test_a_cap_is_named() -> None:
    assert "(M12) carbon_kg is at least 0.9 in any plan, its cap is 0.3" in clashes(instance(caps=Caps(carbon_kg=0.3)))


def test_an_slo_budget_is_named() -> None:
    case = instance()
    tight = replace(case.workloads[0], slo_ms=100.0, slo_mode="budget", slo_budget=0.0)
    assert "(M11) chat: at least 0.2 of its requests violate the SLO, its budget is 0" in clashes(
        case.replace(workloads=(tight, case.workloads[1]))
    )


def test_whole_batches_that_fit_only_in_parts_are_named() -> None:
    whole = tuple(replace(w, splittable=False) for w in instance().workloads)
    assert "(M0) batches that may not be split" in clashes(instance(workloads=whole))


def test_a_job_longer_than_its_window_is_named() -> None:
    job = Job("long", "chat", "here", release=1, deadline=1, length=2)
    case = instance(requests=np.zeros((2, 1, 3), dtype=np.int64), jobs=(job,))
    assert "longer than the time between its release and its deadline" in clashes(case)
