"""Thresholds by importance (PCAPS) and by server (CAP)."""

from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import UsageError
from planner.policies.cap import competitive_ratio, quota, thresholds
from planner.policies.pcaps import limit
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, job, small, workload

PATIENT = (workload("w0", slack_periods=2),)


@given(k=st.integers(1, 60), spread=st.floats(1.001, 50.0))
def test_alpha_solves_its_equation(k: int, spread: float) -> None:
    alpha = competitive_ratio(k, spread)
    assert 1 < alpha <= spread
    assert (1 + 1 / (k * alpha)) ** k * (1 - 1 / alpha) == pytest.approx(1 - 1 / spread, abs=1e-9)


def test_alpha_of_one_server_by_hand() -> None:
    # k = 1: 1 - 1/alpha^2 = 1 - L/U, so alpha = sqrt(U/L) and Phi_1 = sqrt(L U)
    assert competitive_ratio(1, 4.0) == pytest.approx(2.0, rel=1e-12)
    assert thresholds(1, 100.0, 400.0).tolist() == pytest.approx([200.0])


@given(k=st.integers(1, 60), low=st.floats(1.0, 300.0), spread=st.floats(1.001, 50.0))
def test_thresholds_fall_from_u_over_alpha_to_above_l(k: int, low: float, spread: float) -> None:
    phi = thresholds(k, low, low * spread)
    assert len(phi) == k
    assert np.all(np.diff(phi) < 0)
    assert phi[0] == pytest.approx(low * spread / competitive_ratio(k, spread))
    assert phi[-1] > low * (1 - 1e-9)


@given(servers=st.integers(0, 50), floor=st.floats(0, 1), place=st.floats(0, 1), spread=st.floats(1.0, 20.0))
def test_the_quota_lies_between_floor_and_all(servers: int, floor: float, place: float, spread: float) -> None:
    low, high = 100.0, 100.0 * spread
    allowed = quota(float(servers), floor, low + place * (high - low), low, high)
    assert np.ceil(floor * servers) <= allowed <= servers


def test_the_quota_at_its_ends() -> None:
    assert quota(20.0, 0.2, 400.0, 100.0, 400.0) == 4
    assert quota(20.0, 0.2, 100.0, 100.0, 400.0) == 20
    assert quota(20.0, 0.2, 100.0, 100.0, 100.0) == 20  # L = U
    assert quota(20.0, 1.0, 400.0, 100.0, 400.0) == 20  # k = 0
    assert quota(20.0, 0.2, 400.0, 0.0, 400.0) == 20  # L = 0
    assert quota(0.0, 0.2, 400.0, 100.0, 400.0) == 0
    assert quota(np.inf, 0.2, 400.0, 100.0, 400.0) == np.inf


def test_cap_serves_what_can_wait_within_the_floor_of_a_dirty_hour() -> None:
    instance = small([[400, 100, 100]], [5 * HOUR, 0, 0], workloads=PATIENT, servers=np.full((1, 3), 10.0))
    plan = replay(instance, "cap:floor=0.2", forecast="perfect").plan
    assert (plan.period.tolist(), plan.share.tolist()) == ([0, 1], pytest.approx([0.4, 0.6]))


def test_cap_serves_all_that_is_due() -> None:
    instance = small([[400, 100, 100]], [5 * HOUR, 0, 0], servers=np.full((1, 3), 10.0))
    assert replay(instance, "cap:floor=0.2", forecast="perfect").plan.period.tolist() == [0]


def test_cap_counts_what_running_jobs_hold() -> None:
    held = (job("j", release=0, deadline=2, length=3, requests=6 * HOUR),)  # 2 servers for 3 hours
    instance = small(
        [[100, 400, 100]],
        [0, 2 * HOUR, 0],
        workloads=(workload("w0", slack_periods=1),),
        jobs=held,
        servers=np.full((1, 3), 10.0),
    )
    plan = replay(instance, "cap:floor=0.3", forecast="perfect").plan
    served = dict(zip(plan.period[plan.batch == 0].tolist(), plan.share[plan.batch == 0].tolist(), strict=True))
    assert served[1] == pytest.approx(0.5)  # one server is left of the floor of three


def test_psi_by_hand() -> None:
    # gamma 1/2, L 100, U 300: B = 200, Psi(1) = U, Psi(0) = B
    values = limit(np.array([0.0, 0.5, 1.0]), np.array(100.0), np.array(300.0), 0.5)
    middle = 200 + 100 * (exp(0.25) - 1) / (exp(0.5) - 1)
    assert values.tolist() == pytest.approx([200.0, middle, 300.0])
    assert limit(np.array([0.0]), np.array(100.0), np.array(300.0), 1.0).tolist() == pytest.approx([100.0])


def test_pcaps_is_carbon_agnostic_at_gamma_0() -> None:
    draw = np.random.default_rng(3)
    carbon, counts = draw.uniform(50, 500, (3, 48)), draw.integers(0, 3 * HOUR, (2, 2, 48))
    works = (workload("w0", slack_periods=6), workload("w1", slack_periods=3))
    instance = small(carbon.tolist(), counts, workloads=works, servers=np.full((3, 48), 5.0))
    gone, agnostic = (replay(instance, spec).plan for spec in ("pcaps:gamma=0", "lowest-carbon"))
    assert gone.batch.tolist() == agnostic.batch.tolist()
    assert gone.period.tolist() == agnostic.period.tolist()


def test_pcaps_lets_unimportant_work_wait_and_important_work_run() -> None:
    # L 100, U 400 and gamma 1: Psi(r) = 100 + 300 (e^r - 1)/(e - 1); the hour of 300 needs r >= 0.76
    carbon, alone = [[300, 100, 100, 400]], (workload("w0", slack_periods=2), workload("w1"))
    for load, period in ((1, 1), (27, 0)):
        counts = np.zeros((2, 1, 4), dtype=int)
        counts[0, 0, 0], counts[1, 0, 0] = load * HOUR, 1  # w1 is due, so that something runs
        instance = small(carbon, counts, workloads=alone, servers=np.full((1, 4), 11.0))
        plan = replay(instance, "pcaps:gamma=1", forecast="perfect").plan
        assert plan.period[plan.batch == 0].min() == period


def test_pcaps_runs_its_most_important_batch_when_nothing_else_does() -> None:
    counts = np.zeros((2, 1, 4), dtype=int)
    counts[:, 0, 0] = HOUR, 3 * HOUR
    works = (workload("w0", slack_periods=2), workload("w1", slack_periods=2))
    instance = small([[400, 100, 100, 400]], counts, workloads=works, servers=np.full((1, 4), 20.0))
    plan = replay(instance, "pcaps:gamma=1", forecast="perfect").plan
    assert dict(zip(plan.batch.tolist(), plan.period.tolist(), strict=True)) == {1: 0, 0: 1}


def test_pcaps_counts_a_running_job_as_something_that_runs() -> None:
    running = (job("j", release=0, deadline=1, length=2),)
    instance = small(
        [[400, 400, 100, 100]], [0, 1, 0, 0], workloads=PATIENT, jobs=running, servers=np.full((1, 4), 20.0)
    )
    plan = replay(instance, "pcaps:gamma=1", forecast="perfect").plan
    assert plan.period[plan.batch == 0].tolist() == [2]


@pytest.mark.parametrize("spec", ["pcaps:gamma=2", "cap:floor=1.5"])
def test_parameters_out_of_range_are_refused(spec: str) -> None:
    with pytest.raises(UsageError, match=r"a number in \[0, 1\]"):
        replay(small([[100]], [1]), spec)
