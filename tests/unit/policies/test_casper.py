"""The hourly programme, against our own model of one hour."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance, Pool, Profile, Variant, Workload
from planner.errors import Infeasible
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, job, small, workload

EXACT = 1e-9
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def test_conformance() -> None:
    size = GridSize(regions=3, origins=2, hours=8, workloads=2, capacity=1.2, provisioning=True)
    jobs = JobMix("jobs", contiguous=8, interruptible=4, servers=3, serving=True, hours=28)
    check_policy("casper", [grid(size, seed=2), batch_jobs(jobs, seed=3)])


@settings(quick, max_examples=6)
@given(instance=instances())
def test_conformance_on_random_instances(instance: Instance) -> None:
    check_policy("casper", [instance])


@settings(quick, max_examples=40)
@given(instance=instances(max_periods=1, jobs=False, soft=False, budget=False, caps=False, hour_map=False))
def test_programme_is_our_model_of_one_hour(instance: Instance) -> None:
    if instance.price_usd_per_kwh is not None:  # a tariff below 0 pays for idle servers; nobody keeps them on here
        instance = instance.replace(price_usd_per_kwh=np.abs(instance.price_usd_per_kwh))
    try:
        least = solve(instance, gap=EXACT).objective.total
    except Infeasible:
        reject()
    run = replay(instance, "casper")
    assert run.verdict.violations == ()
    assert run.verdict.objective.total == pytest.approx(least, rel=EXACT, abs=1e-12)


def one_hour(seed: int, *, idle_w: float) -> Instance:
    """Two origins, three regions of unlike hardware: the frugal kind needs twice the servers."""
    draw = np.random.default_rng(seed)
    kinds = {"frugal": Profile(10.0, 0.0, 1200.0, 5e5), "fast": Profile(10.0, 0.0, 600.0, 9e5)}
    pools = tuple(
        Pool(f"r{r}-{kind}", f"r{r}", kind, idle_w=idle_w, startup_wh=idle_w / 3) for r in range(3) for kind in kinds
    )
    work = tuple(Workload(f"w{w}", (Variant("only", kinds),), slo_ms=100.0) for w in range(2))
    return small(
        draw.uniform(20, 600, (3, 1)).tolist(),
        draw.integers(5, 40, (2, 2, 1)),
        pools=pools,
        workloads=work,
        rtt_ms=draw.choice([20.0, 60.0, 150.0], (2, 3), p=[0.4, 0.4, 0.2]),
        servers=draw.integers(6, 16, (6, 1)).astype(float),
        provisioning=True,
    )


def with_binding_limit(free: Instance) -> tuple[Instance, float]:
    """The instance under the largest fleet limit (M3b) that makes its optimum dearer, and that optimum."""
    found = solve(free, gap=EXACT)
    assert found.plan.servers is not None
    for most in range(int(found.plan.servers.sum()) - 1, 0, -1):
        bound = free.replace(fleet_limit=np.array([float(most)]))
        dearer = solve(bound, gap=EXACT).objective.total
        if dearer > found.objective.total * (1 + 1e-6):
            return bound, dearer
    raise AssertionError("no fleet limit binds")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("idle_w", [0.0, 60.0], ids=["as published", "servers cost"])
def test_programme_is_our_model_where_the_fleet_limit_binds(seed: int, idle_w: float) -> None:
    """Acceptance: objective to 1e-9."""
    instance, least = with_binding_limit(one_hour(seed, idle_w=idle_w))
    run = replay(instance, "casper")
    assert run.verdict.violations == ()
    assert run.verdict.objective.total == pytest.approx(least, rel=EXACT)


def test_what_does_not_fit_goes_by_price_the_due_first() -> None:
    patient, hasty = workload("w0", slack_periods=1), workload("w1")
    instance = small([[100, 100]], [[[HOUR, 0]], [[HOUR, 0]]], workloads=(patient, hasty), servers=np.ones((1, 2)))
    run = replay(instance, "casper")
    assert run.verdict.violations == ()
    assert sorted(zip(run.plan.batch.tolist(), run.plan.period.tolist(), strict=True)) == [(0, 1), (1, 0)]


def test_the_cheapest_region_gives_way_to_the_batch_that_loses_most() -> None:
    near = workload("w1", allowed_regions=("r0", "r1"))
    counts = [[[HOUR]], [[HOUR]]]
    instance = small([[10], [500], [20]], counts, workloads=(workload("w0"), near), servers=np.ones((3, 1)))
    plan = replay(instance, "casper").plan
    assert dict(zip(plan.batch.tolist(), plan.pool.tolist(), strict=True)) == {0: 2, 1: 0}


def test_a_job_is_placed_whole() -> None:
    jobs = (job("j", release=0, deadline=2, length=2, requests=2 * HOUR),)
    counts = np.array([[[HOUR // 2, 0, 0]]])
    instance = small([[10, 10, 10], [90, 90, 90]], counts, jobs=jobs, servers=np.ones((2, 3)))
    run = replay(instance, "casper")
    assert run.verdict.violations == ()
    assert dict(zip(run.plan.batch.tolist(), run.plan.pool.tolist(), strict=True)) == {0: 1, 1: 0}
