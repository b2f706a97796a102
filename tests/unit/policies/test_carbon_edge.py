"""The weighted score of CarbonEdge, on its testbed and on cases that a reader can add up."""

import numpy as np
import pytest
from hypothesis import given, settings

from planner.data.edge import carbonedge_three_nodes
from planner.domain.instance import Instance
from planner.errors import UsageError
from planner.metrics.served import served
from planner.replay.loop import replay
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, small, workload

POLICIES = ("carbon-edge", "carbon-edge:normalised=true")
MODES = ("performance", "balanced", "green")


def by_node(policy: str) -> list[int]:
    """Requests on each node of the testbed."""
    testbed = carbonedge_three_nodes()
    run = replay(testbed, policy)
    assert run.verdict.violations == ()
    return [round(n) for n in served(testbed, run.plan).requests_by_region]


@pytest.mark.parametrize("policy", POLICIES)
def test_conformance(policy: str) -> None:
    check_policy(policy)


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=6, deadline=None)
@given(instance=instances())
def test_conformance_on_random_instances(policy: str, instance: Instance) -> None:
    check_policy(policy, [instance])


@pytest.mark.parametrize(("mode", "node"), [("performance", 0), ("balanced", 0), ("green", 2)])
def test_as_printed_each_mode_collapses_to_one_node(mode: str, node: int) -> None:
    assert by_node(f"carbon-edge:mode={mode}") == [1200 * (n == node) for n in range(3)]


def test_normalised_no_mode_collapses_and_each_leans_its_own_way() -> None:
    nodes = {mode: by_node(f"carbon-edge:mode={mode},normalised=true") for mode in MODES}
    assert all(np.count_nonzero(counts) > 1 for counts in nodes.values())
    assert nodes["performance"][0] > nodes["balanced"][0] > nodes["green"][0]
    assert nodes["performance"][2] < nodes["balanced"][2] < nodes["green"][2]


def test_green_mode_reaches_the_published_inferences_per_gram() -> None:
    run = replay(carbonedge_three_nodes(), "carbon-edge")
    assert 1 / run.verdict.objective.sci_g_per_request == pytest.approx(245.8)


def test_the_weight_of_carbon_moves_the_testbed_from_the_fast_node_to_the_clean_one() -> None:
    assert by_node("carbon-edge:w_carbon=0") == [1200, 0, 0]
    assert by_node("carbon-edge:w_carbon=1") == [0, 0, 1200]


def score(mode: tuple[float, ...], load: float, seconds: float, tasks: float, carbon: float) -> float:
    """As the paper prints it."""
    free, low, speed, balance, green = mode
    return (
        free * (1 - load) + low * (1 - load) + speed / (1 + seconds) + balance / (1 + 2 * tasks) + green / (1 + carbon)
    )


def test_the_printed_score_decides() -> None:
    # A request takes 1 kWh, printed as 1000. RTT 10 and 50 ms, service 10 ms; the first batch fills half of r0.
    green = (0.15, 0.15, 0.10, 0.10, 0.50)
    fresh = [score(green, 0, 0.02, 0, 0.3e-3 * 1e3), score(green, 0, 0.06, 0, 0.4e-3 * 1e3)]
    after = [score(green, 0.5, 0.02, 0.5, 0.3e-3 * 1e3), fresh[1]]
    assert fresh[0] > fresh[1]
    assert after[0] < after[1]
    two = small([[3e-4], [4e-4]], np.full((2, 1, 1), HOUR // 2), servers=np.ones((2, 1)))
    plan = replay(two, "carbon-edge").plan
    assert dict(zip(plan.batch.tolist(), plan.pool.tolist(), strict=True)) == {0: 0, 1: 1}


def test_a_pool_that_is_loaded_above_the_limit_is_skipped() -> None:
    counts = np.array([[[int(0.85 * HOUR)]], [[HOUR // 10]]])
    busy = small([[100], [900]], counts, servers=np.ones((2, 1)))
    slow = {0: 0, 1: 0}
    assert dict(zip(*_placed(busy, "carbon-edge:w_carbon=1"), strict=True)) == {0: 0, 1: 1}
    assert dict(zip(*_placed(busy, "carbon-edge:w_carbon=1,max_load=0.9"), strict=True)) == slow


def test_a_pool_too_slow_for_the_slo_comes_last() -> None:
    near = workload("w0", slo_ms=40.0, slo_mode="priced")
    instance = small([[900], [100]], [1], workloads=(near,))
    assert _placed(instance, "carbon-edge:w_carbon=1")[1] == [0]


def _placed(instance: Instance, policy: str) -> tuple[list[int], list[int]]:
    plan = replay(instance, policy).plan
    return plan.batch.tolist(), plan.pool.tolist()


@pytest.mark.parametrize("spec", ["mode=brown", "w_carbon=1.5", "w_carbon=-1"])
def test_parameters_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(UsageError, match="carbon-edge"):
        replay(small([[100]], [1]), f"carbon-edge:{spec}")
