"""The bound where its value is known by hand."""

from dataclasses import replace

import numpy as np
import pytest

from planner.domain.instance import Caps, Instance, Job
from planner.domain.plan import Plan
from planner.domain.results import Cut, Multipliers
from planner.verify.bound import lower_bound
from planner.verify.judge import check


def zero(instance: Instance, **changes: object) -> Multipliers:
    return replace(Multipliers(np.zeros(instance.servers.shape), np.zeros(len(instance.workloads))), **changes)


def test_without_multipliers_everyone_takes_the_cleanest_hour(instance: Instance) -> None:
    wanted = 2000 * 1e-3 * (40 + 50 + 60) / 1e3  # one Wh a request, all in b, at once
    found = lower_bound(instance, zero(instance))
    assert wanted * (1 - 1e-13) <= found <= wanted


def test_what_can_be_neither_served_nor_missed_has_no_finite_bound(instance: Instance) -> None:
    assert lower_bound(instance.replace(rtt_ms=np.full((2, 2), 90.0)), zero(instance)) == np.inf
    nowhere = (Job("j", "web", "bonn", 1, 2, 3),)
    assert lower_bound(instance.replace(jobs=nowhere), zero(instance)) == np.inf
    parts = (Job("j", "web", "bonn", 1, 2, 3, contiguous=False),)
    assert lower_bound(instance.replace(jobs=parts), zero(instance)) == np.inf


def test_an_instance_without_demand_costs_nothing(instance: Instance) -> None:
    idle = instance.replace(requests=np.zeros((1, 2, 3), dtype=np.int64))
    assert lower_bound(idle, zero(instance)) == 0
    empty = np.zeros(0, dtype=np.int64)
    verdict = check(idle, Plan(empty, empty, empty, empty, np.zeros(0), empty, np.zeros(0)))
    assert verdict.violations == ()
    assert (verdict.objective.total, verdict.objective.sci_g_per_request) == (0, 0)


def test_servers_that_serve_nobody_emit_without_end_per_request(instance: Instance) -> None:
    idle = instance.replace(requests=np.zeros((1, 2, 3), dtype=np.int64), provisioning=True, servers=np.ones((2, 3)))
    empty, on = np.zeros(0, dtype=np.int64), np.array([[1.0, 0, 0], [0, 0, 0]])
    plan = Plan(empty, empty, empty, empty, np.zeros(0), empty, np.zeros(0), on, on)
    verdict = check(idle, plan, claimed=check(idle, plan).objective)
    assert verdict.violations == ()
    assert verdict.objective.sci_g_per_request == np.inf


def test_unlimited_servers_under_provisioning(instance: Instance) -> None:
    endless = instance.replace(provisioning=True)
    base = lower_bound(endless, zero(instance))
    assert base == pytest.approx(0.3, rel=1e-12)  # none need be active where load is not priced
    assert lower_bound(endless, zero(instance, capacity=np.full((2, 3), 1e-2))) == -np.inf


def test_a_tariff_that_pays_for_starting(instance: Instance) -> None:
    paid = instance.replace(
        provisioning=True,
        servers=np.full((2, 3), 4.0),
        price_usd_per_kwh=np.array([[0.1, -2.0, 0.1], [0.1] * 3]),
        weights=replace(instance.weights, gamma=1.0),
    )
    batch = np.arange(6)
    columns = batch, np.ones(6, np.int64), np.zeros(6, np.int64), batch % 3, np.ones(6), batch[:0], np.zeros(0)
    servers = np.array([[0.0] * 3, [1.0] * 3])
    plain, keen = np.zeros((2, 3)), np.zeros((2, 3))
    plain[1, 0] = keen[1, 0] = 1
    keen[0, 1] = 4  # nothing runs there
    poor, rich = (check(paid, Plan(*columns, servers, u), multipliers=zero(paid)) for u in (plain, keen))
    assert poor.violations == rich.violations == ()
    assert rich.bound is not None
    assert rich.bound <= rich.objective.total < poor.objective.total
    greedy = check(paid, Plan(*columns, servers, np.where(keen == 4, 5.0, keen)))
    assert [v.rule for v in greedy.violations] == ["M3"]


def test_multipliers_of_limits_that_do_not_exist_count_nothing(instance: Instance) -> None:
    cuts = (Cut((1,), 0, 2, 3.0),)
    given = zero(instance, slo=np.ones(1), fleet=np.ones(3), caps={"carbon_kg": 1.0}, cuts=cuts)
    assert lower_bound(instance, given) == lower_bound(instance, zero(instance))
    capped = instance.replace(caps=Caps(carbon_kg=0.25))  # the optimum emits 0.3
    assert lower_bound(capped, given) == pytest.approx(0.3 * 2 - 0.25, rel=1e-12)


def test_a_cut_counts_whole_servers(instance: Instance) -> None:
    # from bonn only a is fast enough, from lund only b: 1000 server-seconds an hour in each, so one server an hour
    split = instance.replace(rtt_ms=np.array([[5.0, 90], [90, 5]]), provisioning=True, servers=np.full((2, 3), 9.0))
    cuts = (Cut((0,), 0, 2, 0.5), Cut((0,), 2, 2, 0.0), Cut((), 0, 2, 1.0))
    alone = lower_bound(split, zero(split))
    # all of bonn's three releases are due by hour 2: 3000 of 3600 server-seconds, one server-hour
    assert lower_bound(split, zero(split, cuts=cuts)) <= alone + 0.5
    rich = (Cut((0,), 0, 2, 0.04),)  # less than an idle hour emits, so no server earns anything by it
    pools = (replace(split.pools[0], startup_wh=0.0, idle_w=200.0), split.pools[1])
    priced = split.replace(pools=pools)
    assert lower_bound(priced, zero(priced, cuts=rich)) == pytest.approx(lower_bound(priced, zero(priced)) + 0.04)
