"""Each rule on a case where it differs from the others."""

from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from planner.domain.instance import HourMapRule, Instance, Pool
from planner.domain.plan import HourMap
from planner.domain.protocols import Regime
from planner.errors import InvalidInput, PolicyError, UsageError
from planner.io.maps import save_map
from planner.policies.threshold import Threshold
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, small, workload


def regions(instance: Instance, policy: str, **options: str) -> list[int]:
    """The region of each line of the plan, by period."""
    result = replay(instance, policy, **options)  # type: ignore[arg-type]
    assert result.verdict.violations == ()
    return [int(p) for _, p in sorted(zip(result.plan.period, result.plan.pool, strict=True))]


@pytest.fixture
def near_or_clean() -> Instance:
    """Users near r0 (10 ms, 400 g/kWh); r1 is at 50 ms with 100 g/kWh, r2 at 200 ms with 20 g/kWh."""
    return small([[400], [100], [20]], [1], rtt_ms=np.array([[10.0, 50.0, 200.0]]))


@pytest.mark.parametrize(
    ("policy", "region"),
    [
        ("latency-first", 0),
        ("carbon-first", 2),
        ("lowest-carbon", 2),
        ("greedy", 2),
        ("fixed:region=r1", 1),
        ("hybrid:alpha=1", 0),
        ("hybrid:alpha=0", 2),
        ("hybrid:alpha=0.5", 1),  # 0.5 (45 / 225) + 0.5 (95 / 445) = 0.207, against 0.455 at r0 and 0.450 at r2
        ("hybrid:alpha=0.5,rtt_high=60", 0),  # 0.489, against 0.516 at r1 and, clipped at 1, 0.517 at r2
    ],
)
def test_where_each_rule_goes(near_or_clean: Instance, policy: str, region: int) -> None:
    assert regions(near_or_clean, policy) == [region]


def test_hard_slo_keeps_every_rule_at_home(near_or_clean: Instance) -> None:
    strict = near_or_clean.replace(workloads=(workload("w0", slo_ms=30.0),))
    for policy in (
        "carbon-first",
        "lowest-carbon",
        "greedy",
        "fixed:region=r2",
        "hybrid:alpha=0",
        "constrained-hybrid",
    ):
        assert regions(strict, policy) == [0]


@pytest.mark.parametrize(
    ("slo_ms", "options", "region"),
    [
        (69.0, "", 1),  # 50 + 10 + 9 = 69
        (68.9, "", 0),
        (68.9, "buffer_ms=8", 1),
        (219.0, "", 2),
        (219.0, "k_sd=1", 1),  # 2 ms more
        (5.0, "", 0),  # nothing is eligible: lowest RTT
    ],
)
def test_constrained_hybrid_takes_the_cleanest_in_time(
    near_or_clean: Instance, slo_ms: float, options: str, region: int
) -> None:
    instance = near_or_clean.replace(workloads=(workload("w0", sd_ms=2.0, slo_ms=slo_ms, slo_mode="priced"),))
    assert regions(instance, f"constrained-hybrid:{options}") == [region]


def test_ties_go_to_the_first_region_and_its_cheapest_pool() -> None:
    pools = (Pool("second", "r1", "cpu"), Pool("first", "r0", "cpu"))
    instance = small([[100], [100]], [1], pools=pools, rtt_ms=np.array([[10.0, 10.0]]))
    for policy in ("latency-first", "carbon-first", "lowest-carbon", "hybrid", "greedy"):
        assert regions(instance, policy) == [1]  # the pool of r0


def test_fixed_spills_when_its_region_is_full() -> None:
    instance = small([[100], [900]], [2 * HOUR], servers=np.ones((2, 1)))
    assert sorted(regions(instance, "fixed:region=r1")) == [0, 1]


def test_fixed_names_the_regions_there_are() -> None:
    with pytest.raises(UsageError, match="no region 'r9'"):
        replay(small([[100]], [1]), "fixed:region=r9")


def test_greedy_counts_the_server_that_a_request_takes() -> None:
    idle = (Pool("r0", "r0", "cpu", idle_w=500_000.0), Pool("r1", "r1", "cpu"))
    instance = small([[100], [105]], [HOUR], pools=idle, servers=np.ones((2, 1)), provisioning=True)
    assert regions(instance, "greedy") == [1]
    assert regions(instance, "lowest-carbon") == [0]


def test_greedy_counts_a_start_up_where_no_server_is_on() -> None:
    cold = (
        Pool("r0", "r0", "cpu", startup_wh=36_000.0),
        Pool("r1", "r1", "cpu", startup_wh=36_000.0, initial_servers=1),
    )
    instance = small([[1000], [1005]], [HOUR], pools=cold, servers=np.ones((2, 1)), provisioning=True)
    assert regions(instance, "greedy") == [1]


def test_threshold_waits_for_a_clean_hour() -> None:
    carbon = [100.0] * 24 + [500.0, 100.0, 500.0]
    requests = [0] * 24 + [1, 0, 0]
    instance = small([carbon], requests, workloads=(workload("w0", slack_periods=2),))
    assert replay(instance, "threshold", forecast="perfect").plan.period.tolist() == [25]
    assert replay(instance, "lowest-carbon").plan.period.tolist() == [24]


def test_threshold_runs_when_the_wait_is_used_up() -> None:
    carbon = [10.0] * 24 + [500.0, 400.0, 300.0]
    instance = small([carbon], [0] * 24 + [1, 0, 0], workloads=(workload("w0", slack_periods=2),))
    assert replay(instance, "threshold").plan.period.tolist() == [26]  # yesterday was cleaner all day long


def test_threshold_at_the_highest_percentile_never_waits() -> None:
    carbon = [10.0] * 24 + [500.0, 400.0, 300.0]
    instance = small([carbon], [0] * 24 + [1, 0, 0], workloads=(workload("w0", slack_periods=2),))
    assert replay(instance, "threshold:percentile=100", forecast="perfect").plan.period.tolist() == [24]


def test_threshold_without_a_forecast_is_told_so() -> None:
    class Blind(Threshold):
        regime: ClassVar[Regime] = "none"

    instance = small([[100]], [1])
    with pytest.raises(PolicyError, match="needs a forecast"):
        replay(instance, Blind(instance))


@pytest.mark.parametrize("spec", ["hybrid:alpha=2", "hybrid:ci_low=500", "threshold:percentile=101"])
def test_parameters_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(UsageError, match=spec.split(":", maxsplit=1)[0]):
        replay(small([[100]], [1]), spec)


def test_a_map_is_followed(tmp_path: Path) -> None:
    instance = small([[100, 100, 100], [200, 200, 200]], [1, 1, 1])
    save_map(tmp_path / "map.csv", HourMap(np.array([[1, 0, 1]])), instance)
    assert regions(instance, f"map:file={tmp_path / 'map.csv'}") == [1, 0, 1]


def test_each_workload_follows_a_map_of_its_own(tmp_path: Path) -> None:
    instance = small([[100], [200]], [[[1]], [[1]]])
    save_map(tmp_path / "map.json", HourMap(np.array([[1], [0]]), per_workload=True), instance)
    plan = replay(instance, f"map:file={tmp_path / 'map.json'}").plan
    assert dict(zip(plan.batch.tolist(), plan.pool.tolist(), strict=True)) == {0: 1, 1: 0}


def test_a_map_that_lacks_an_hour_is_refused(tmp_path: Path) -> None:
    instance = small([[100, 100]], [1, 1])
    short = small([[100]], [1])
    save_map(tmp_path / "map.csv", HourMap(np.array([[0]])), short)
    with pytest.raises(InvalidInput, match="none for 2026-01-01T01:00:00Z"):
        replay(instance, f"map:file={tmp_path / 'map.csv'}")


def test_a_plan_under_the_hour_map_rule_tells_its_map() -> None:
    instance = small([[100, 300, 100], [200, 200, 200]], [1, 0, 1], hour_map=HourMapRule())
    plan = replay(instance, "lowest-carbon").plan
    assert plan.hour_map is not None
    assert plan.hour_map.tolist() == [[0, 0, 0]]
