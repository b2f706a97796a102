"""Capacity: who comes first, where the rest goes."""

import numpy as np
import pytest

from planner.domain.instance import Instance, Pool, Profile, Variant, Workload
from planner.domain.results import ReplayResult
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, KWH, job, small, workload


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


def two_variants(requests: int, servers: float, **changes: object) -> Instance:
    """Per request: fast takes 1 server-second and 1 kWh, frugal 2 server-seconds and 0.6 kWh."""
    fast, frugal = Profile(10.0, 0.0, 1.0, KWH), Profile(10.0, 0.0, 2.0, 0.6 * KWH)
    work = Workload("w0", (Variant("fast", {"cpu": fast}), Variant("frugal", {"cpu": frugal})), **changes)  # type: ignore[arg-type]
    return small([[100.0]], [requests], workloads=(work,), servers=np.array([[servers]]))


def by_variant(result: ReplayResult) -> dict[int, float]:
    plan = result.plan
    return {v: float(plan.share[plan.variant == v].sum()) for v in np.unique(plan.variant).tolist()}


@pytest.mark.parametrize("spec", ["greedy", "gaia", "threshold", "vcc", "cap", "regret", "pcm"])
def test_as_much_of_what_is_due_as_needed_takes_the_quick_variant(spec: str) -> None:
    result = replay(two_variants(HOUR, servers=1.4), spec)  # 0.4 x 2 + 0.6 x 1 server-hours
    assert result.verdict.violations == ()
    assert by_variant(result) == pytest.approx({0: 0.6, 1: 0.4}, abs=1e-6)


def test_where_there_is_room_nothing_takes_the_quick_variant() -> None:
    assert by_variant(replay(two_variants(HOUR, servers=2.0), "greedy")) == {1: 1.0}


def test_the_unsplittable_takes_the_quick_variant_whole() -> None:
    result = replay(two_variants(HOUR, servers=1.4, splittable=False), "greedy")
    assert by_variant(result) == {0: 1.0}


def test_where_even_the_quick_variant_is_too_slow_as_much_as_possible_is_served() -> None:
    result = replay(two_variants(HOUR, servers=0.5), "greedy")
    assert by_variant(result) == pytest.approx({0: 0.5}, abs=1e-6)
    assert [violation.rule for violation in result.verdict.violations] == ["M1"]


def test_an_edge_scheduler_takes_the_quick_variants_where_not_all_would_fit() -> None:
    result = replay(two_variants(HOUR, servers=1.4), "carbon-edge")
    assert result.verdict.violations == ()
    assert by_variant(result) == {0: 1.0}
