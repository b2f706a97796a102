"""Capacity: who comes first, where the rest goes."""

import numpy as np
import pytest

from planner.domain.instance import Pool
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, job, small, workload


def served(instance: object, policy: str = "lowest-carbon") -> list[tuple[int, int, int, float]]:
    """(batch, pool, period, share) of a replay whose plan breaks nothing."""
    result = replay(instance, policy)  # type: ignore[arg-type]
    assert result.verdict.violations == ()
    plan = result.plan
    return list(zip(plan.batch.tolist(), plan.pool.tolist(), plan.period.tolist(), plan.share.tolist(), strict=True))


def test_what_does_not_fit_spills_to_the_next_best() -> None:
    instance = small([[300], [100], [200]], [2 * HOUR], servers=np.array([[1.0], [0.5], [1.0]]))
    assert served(instance) == [(0, 1, 0, 0.25), (0, 2, 0, 0.5), (0, 0, 0, 0.25)]


def test_due_batches_come_before_those_that_can_wait() -> None:
    patient, hasty = workload("w0", slack_periods=2), workload("w1")
    counts = [[[HOUR, 0, 0]], [[HOUR, 0, 0]]]
    instance = small([[100] * 3], counts, workloads=(patient, hasty), servers=np.ones((1, 3)))
    assert served(instance) == [(1, 0, 0, 1.0), (0, 0, 1, 1.0)]


def test_earlier_deadlines_come_first() -> None:
    later, sooner = workload("w0", slack_periods=2), workload("w1", slack_periods=1)
    counts = [[[HOUR, 0, 0]], [[HOUR, 0, 0]]]
    instance = small([[100] * 3], counts, workloads=(later, sooner), servers=np.ones((1, 3)))
    assert served(instance) == [(1, 0, 0, 1.0), (0, 0, 1, 1.0)]


def test_of_the_due_those_with_fewest_routes_come_first() -> None:
    anywhere, bound = workload("w0"), workload("w1", allowed_regions=("r0",))
    instance = small([[100], [900]], [[[HOUR]], [[HOUR]]], workloads=(anywhere, bound), servers=np.ones((2, 1)))
    assert served(instance) == [(1, 0, 0, 1.0), (0, 1, 0, 1.0)]


def test_the_unsplittable_goes_where_it_fits_whole() -> None:
    whole = workload("w0", splittable=False)
    instance = small([[100], [900]], [HOUR], workloads=(whole,), servers=np.array([[0.9], [1.0]]))
    assert served(instance) == [(0, 1, 0, 1.0)]


def test_a_blocked_batch_does_not_block_the_smaller_ones_behind_it() -> None:
    whole = workload("w0", splittable=False, slack_periods=1)
    instance = small([[100, 100]], [[[2 * HOUR, 0], [HOUR, 0]]], workloads=(whole,), servers=np.array([[1.0, 2.0]]))
    assert served(instance) == [(1, 0, 0, 1.0), (0, 0, 1, 1.0)]


def test_the_fleet_limit_holds_over_all_pools() -> None:
    instance = small(
        [[100, 100], [200, 200]],
        [2 * HOUR, 0],
        workloads=(workload("w0", slack_periods=1),),
        servers=np.ones((2, 2)),
        provisioning=True,
        fleet_limit=np.array([1.0, 2.0]),
    )
    assert served(instance) == [(0, 0, 0, 0.5), (0, 0, 1, 0.5)]


def test_started_servers_may_be_filled_up_within_the_fleet_limit() -> None:
    counts = [[[HOUR // 2, 0, 0], [HOUR, 0, 0]]]
    instance = small(
        [[100] * 3, [200] * 3],
        counts,
        workloads=(workload("w0", slack_periods=2),),
        servers=np.ones((2, 3)),
        provisioning=True,
        fleet_limit=np.array([1.0, 1.0, 1.0]),
    )
    assert served(instance) == [(0, 0, 0, 1.0), (1, 0, 0, 0.5), (1, 0, 1, 0.5)]


def test_servers_kept_by_running_jobs_count_in_the_fleet() -> None:
    running = job("j", release=0, deadline=1, length=2, requests=2 * HOUR)
    instance = small(
        [[100, 100], [900, 50]],
        [0, HOUR],
        servers=np.ones((2, 2)),
        provisioning=True,
        fleet_limit=np.array([2.0, 2.0]),
        jobs=(running,),
        pools=(Pool("r0", "r0", "cpu"), Pool("r1", "r1", "cpu")),
    )
    assert served(instance) == [(1, 0, 0, 1.0), (0, 1, 1, 1.0)]


def test_a_full_pool_takes_no_more() -> None:
    instance = small([[100]], [2 * HOUR], servers=np.ones((1, 1)))
    result = replay(instance, "greedy")
    assert result.plan.share.tolist() == [0.5]
    assert [violation.rule for violation in result.verdict.violations] == ["M1"]


def test_a_batch_without_any_route_waits_for_ever() -> None:
    nowhere = workload("w0", slo_ms=5.0)
    result = replay(small([[100]], [10], workloads=(nowhere,)), "latency-first")
    assert result.plan.batch.tolist() == []
    assert [violation.rule for violation in result.verdict.violations] == ["M1"]


@pytest.mark.parametrize("spec", ["latency-first", "carbon-first", "greedy", "lowest-carbon", "hybrid"])
def test_many_batches_fill_pools_to_the_last_server_second(spec: str) -> None:
    draw = np.random.default_rng(0)
    counts = draw.integers(1, 500, (3, 4, 24))
    works = tuple(workload(f"w{i}", slack_periods=2 * i) for i in range(3))
    need = counts.sum(axis=(0, 1)).max()
    servers = np.full((3, 24), np.ceil(need / HOUR * 10) / 10 / 3 + 0.01)
    instance = small(draw.uniform(10, 900, (3, 24)).tolist(), counts, workloads=works, servers=servers)
    result = replay(instance, spec)
    assert result.verdict.violations == ()
