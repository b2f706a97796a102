"""Capacity prices looked up."""

import numpy as np
import pytest

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.grid import GridSize, grid
from planner.domain.instance import Pool
from planner.errors import UsageError
from planner.policies.dual_price import DualPrice
from planner.policies.lookahead import lookahead
from planner.policies.lookahead_solve import foresee
from planner.replay.loop import replay
from planner.replay.static import without_series
from planner.testing.conformance import check_policy
from tests.unit.policies.test_mpc import views
from tests.unit.replay.small import HOUR, job, small, workload


def test_it_conforms() -> None:
    jobs = JobMix("jobs", contiguous=4, interruptible=2, servers=3, serving=True, hours=36)
    size = GridSize(regions=2, origins=2, hours=18)
    check_policy("dual-price:every=9,horizon=18", [grid(size, seed=1), batch_jobs(jobs, seed=3)])


def test_it_waits_for_the_clean_hour_that_is_forecast() -> None:
    instance = small([[300, 200, 100, 400]], [HOUR, 0, 0, 0], workloads=(workload("w0", slack_periods=3),))
    assert replay(instance, "dual-price", forecast="perfect").plan.period.tolist() == [2]


def test_it_runs_at_once_where_waiting_gains_nothing() -> None:
    instance = small([[100, 100, 100]], [HOUR, 0, 0], workloads=(workload("w0", slack_periods=2),))
    assert replay(instance, "dual-price", forecast="perfect").plan.period.tolist() == [0]


def test_a_full_clean_hour_has_its_price() -> None:
    """The clean hour takes one server-hour, two want it: the other pays what its second choice costs more."""
    works = (workload("w0", slack_periods=1),)
    instance = small([[300.0, 100.0]], [2 * HOUR, 0], workloads=works, servers=np.ones((1, 2)))
    view = next(views(instance))
    problem = lookahead(view, without_series(instance), 2).instance
    price = foresee(problem, np.zeros((1, 2)), view=view, whole=0).capacity_price
    assert price[0, 1] - price[0, 0] == pytest.approx(0.2)  # kg a request, which is a server-second
    plan = replay(instance, "dual-price", forecast="perfect").plan
    assert np.bincount(plan.period, plan.share).tolist() == pytest.approx([0.5, 0.5])


def test_what_gives_up_least_leaves_the_clean_pool() -> None:
    """Region r0 is clean and has one server. w0 may go to r1, hardly dirtier; w1 only to r2, which is filthy."""
    works = (workload("w0", allowed_regions=("r0", "r1")), workload("w1", allowed_regions=("r0", "r2")))
    requests = np.array([[[HOUR]], [[HOUR]]])
    instance = small([[10.0], [20.0], [900.0]], requests, workloads=works, servers=np.ones((3, 1)))
    plan = replay(instance, "dual-price", forecast="perfect").plan
    assert dict(zip(plan.batch.tolist(), plan.pool.tolist(), strict=True)) == {0: 1, 1: 0}


def test_a_job_is_priced_over_all_the_hours_it_runs() -> None:
    """The next hour is the cleanest, but the job would run into the filthy one after it."""
    instance = small([[200, 100, 900, 150]], [0] * 4, jobs=(job("long", release=0, deadline=3, length=2),))
    assert replay(instance, "dual-price", forecast="perfect").plan.period.tolist() == [0]


def test_a_job_in_parts_takes_as_many_hours() -> None:
    parts = job("parts", release=0, deadline=2, length=2, contiguous=False)
    instance = small([[200, 100, 300]], [0] * 3, jobs=(parts,))
    assert sorted(replay(instance, "dual-price", forecast="perfect").plan.period.tolist()) == [0, 1]


def test_a_server_that_is_on_is_filled() -> None:
    """Half a server is due now; the other half costs less than half a server in the slightly cleaner hour to come."""
    works = (workload("urgent"), workload("patient", slack_periods=1))
    instance = small(
        [[100.0, 99.0]],
        [[[HOUR // 2, 0]], [[HOUR // 2, 0]]],
        workloads=works,
        servers=np.full((1, 2), 2.0),
        pools=(Pool("r0", "r0", "cpu", idle_w=1e6, peak_w=1e8),),
        provisioning=True,
    )
    result = replay(instance, "dual-price", forecast="perfect")
    assert result.plan.period.tolist() == [0, 0]


def test_it_beats_the_cheapest_option_of_the_hour() -> None:
    size = GridSize(regions=3, origins=2, hours=72, workloads=3, capacity=1.5)
    instance = grid(size, seed=4)
    rule, greedy = (replay(instance, spec, forecast="persistence").verdict for spec in ("dual-price", "greedy"))
    assert rule.violations == ()
    assert rule.objective.total < greedy.objective.total


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="every"):
        DualPrice(without_series(small([[1.0]], [1])), every=0)
    with pytest.raises(UsageError, match="every"):
        replay(small([[1.0]], [1]), "dual-price:every=9,horizon=4")
