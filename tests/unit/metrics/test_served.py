"""What a plan serves, added up by hand."""

import numpy as np
import pytest

from planner.domain.instance import Weights
from planner.metrics.equal_rate import at_rate_of, violations_are_free
from planner.metrics.served import served, unserved
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, job, small, workload


def test_requests_and_intensity_by_region() -> None:
    instance = small([[100, 500], [200, 300]], [10, 30])
    told = served(instance, replay(instance, "lowest-carbon").plan)
    assert told.requests_by_region.tolist() == [10, 30]
    assert told.mean_carbon_intensity == pytest.approx((10 * 100 + 30 * 300) / 40)
    assert told.violation_rate.tolist() == [0]


def test_a_job_counts_in_each_of_its_periods() -> None:
    instance = small([[100, 400, 100]], [0, 0, 0], jobs=(job("j", release=0, deadline=2, length=2, requests=HOUR),))
    told = served(instance, replay(instance, "greedy").plan)
    assert told.mean_carbon_intensity == pytest.approx(250)


def test_nothing_served_has_no_intensity() -> None:
    instance = small([[100]], [0], workloads=(workload("w0"),))
    told = served(instance, replay(instance, "greedy").plan)
    assert told.mean_carbon_intensity is None
    assert told.violation_rate.tolist() == [0]


def test_late_and_missed_requests_violate_once_each() -> None:
    work = workload("w0", slo_ms=40.0, slo_mode="priced")
    instance = small(
        [[100, 900, 900]],
        [2 * HOUR, HOUR, HOUR],
        workloads=(work,),
        servers=np.ones((1, 3)),
        grace_periods=1,
        weights=Weights(miss_weight=1.0, tardiness_weight=1.0),
    )
    told = served(instance, replay(instance, "greedy").plan)
    # The first batch is half on time and half late, the second late, the third missed.
    assert told.violation_rate.tolist() == pytest.approx([3 / 4])


def test_a_violation_rate_is_per_workload() -> None:
    strict, lax = workload("w0", slo_ms=40.0, slo_mode="priced"), workload("w1", slo_ms=400.0, slo_mode="priced")
    instance = small([[900], [100]], [[[10]], [[30]]], workloads=(strict, lax))
    plan = replay(instance, "carbon-first").plan
    assert served(instance, plan).violation_rate == pytest.approx([1.0, 0.0])
    fair = at_rate_of(instance, plan)
    assert [work.slo_mode for work in fair.workloads] == ["budget", "budget"]
    assert [work.slo_budget for work in fair.workloads] == pytest.approx([1.0, 0.0])


def test_only_priced_workloads_at_no_price_are_free() -> None:
    priced, hard = workload("w0", slo_ms=40.0, slo_mode="priced"), workload("w0", slo_ms=40.0)
    assert violations_are_free(small([[1]], [1], workloads=(priced,)))
    assert not violations_are_free(small([[1]], [1], workloads=(hard,)))
    assert not violations_are_free(small([[1]], [1], workloads=(workload("w0", slo_mode="priced"),)))
    assert not violations_are_free(small([[1]], [1], workloads=(priced,), weights=Weights(violation_weight=0.1)))


def test_what_nobody_served_is_unserved_whether_or_not_a_miss_has_a_price() -> None:
    tight = small([[100]], [2 * HOUR], servers=np.ones((1, 1)))
    priced = tight.replace(weights=Weights(miss_weight=1.0))
    assert [unserved(i, replay(i, "greedy").plan) for i in (tight, priced)] == pytest.approx([HOUR, HOUR])
    assert unserved(tight, replay(tight.replace(servers=2 * tight.servers), "greedy").plan) == 0
