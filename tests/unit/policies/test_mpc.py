"""Model predictive control: the oracle where it knows all, sound where it does not."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.grid import GridSize, grid
from planner.data.slicing import slice_periods
from planner.domain.instance import Floats, Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import UsageError
from planner.io.instances import load_instance
from planner.policies.carry_out import carry_out
from planner.policies.demand_margin import DemandMargin
from planner.policies.lookahead import lookahead
from planner.policies.running import Running
from planner.replay.loop import replay
from planner.replay.static import without_series
from planner.solve.oracle import solve
from planner.testing.conformance import check_policy
from tests.unit.replay.small import HOUR, job, small, workload

SIZE = GridSize(regions=3, origins=2, hours=18, workloads=3, capacity=1.2, provisioning=True)


def objective(instance: Instance, spec: str, forecast: str) -> float:
    result = replay(instance, spec, forecast=forecast)
    assert result.verdict.violations == ()
    return result.verdict.objective.total


def test_with_perfect_forecasts_and_the_full_horizon_it_is_the_oracle() -> None:
    instance = grid(SIZE, seed=4)
    best = solve(instance, gap=1e-5)
    reached = objective(instance, "mpc:horizon=18,step=18,gap=1e-5", "perfect")
    assert best.bounds.best is not None
    assert reached == pytest.approx(best.bounds.best, rel=3e-5)


def test_without_whole_servers_it_is_the_linear_optimum_however_often_it_is_solved() -> None:
    instance = grid(replace(SIZE, provisioning=False), seed=4)
    best = solve(instance).objective.total
    for step in (18, 1):
        assert objective(instance, f"mpc:horizon=18,step={step}", "perfect") == pytest.approx(best, rel=1e-6)


def test_what_later_hours_may_have_no_room_for_goes_now_once_demand_was_not_as_forecast() -> None:
    """Three server-hours would wait for the clean hour 32, but the peak of yesterday comes earlier and fills it."""
    counts = np.zeros(34, dtype=np.int64)
    counts[[9, 29, 30]] = np.array([12, 3, 12]) * HOUR
    carbon = np.where(np.arange(34) % 24 == 8, 100.0, 300.0)
    works = (workload("w0", slack_periods=3),)
    instance = small([carbon.tolist()], counts, workloads=works, servers=np.full((1, 34), 3.0))
    assert replay(instance, "mpc", forecast="persistence").verdict.violations == ()


def test_solving_again_every_hour_stays_near() -> None:
    instance = grid(SIZE, seed=4)
    best = solve(instance, gap=1e-4)
    assert objective(instance, "mpc:horizon=24", "perfect") <= best.objective.total * 1.02
    assert objective(instance, "mpc:horizon=24", "persistence") < objective(instance, "greedy", "persistence")


@pytest.mark.slow
def test_a_day_of_the_tight_week_is_solved_to_the_gap() -> None:
    day = slice_periods(load_instance("seed/five-region-week-tight"), 0, 24)
    best = solve(day, gap=1e-4)
    reached = objective(day, "mpc:horizon=24,step=24,gap=1e-4", "perfect")
    assert best.bounds.best is not None
    assert reached <= best.bounds.best * (1 + 2.1e-4)


@pytest.mark.parametrize(
    "spec", ["mpc:horizon=18,step=6,quantile=0.9", pytest.param("mpc:horizon=12,quantile=0", marks=pytest.mark.slow)]
)
def test_it_conforms(spec: str) -> None:
    jobs = JobMix("jobs", contiguous=4, interruptible=2, servers=3, serving=True, hours=36)
    size = GridSize(regions=2, origins=2, hours=18, provisioning=True)
    check_policy(spec, [grid(size, seed=2), batch_jobs(jobs, seed=3)])


def test_it_waits_for_the_clean_hour_that_is_forecast() -> None:
    instance = small([[300, 200, 100, 400]], [HOUR, 0, 0, 0], workloads=(workload("w0", slack_periods=3),))
    plan = replay(instance, "mpc", forecast="perfect").plan
    assert plan.period.tolist() == [2]


def test_what_is_due_is_served_although_nobody_foresaw_it() -> None:
    """Two batches come due in the last hour, which the second fills: the first cannot wait for it in full."""
    works = (workload("patient", slack_periods=1), workload("urgent"))
    requests = np.array([[[0, HOUR, 0]], [[0, 0, 3 * HOUR]]])
    instance = small([[100.0, 200.0, 100.0]], requests, workloads=works, servers=np.full((1, 3), 3.0))
    plan = replay(instance, "mpc:quantile=0").plan
    served = np.bincount(plan.period, plan.share * np.array([HOUR, 3 * HOUR])[plan.batch], 3)
    assert served[2] == pytest.approx(3 * HOUR)  # all that the last hour can take


def test_where_not_all_can_be_served_the_rest_still_is() -> None:
    works = (workload("w0"), workload("nowhere", slo_ms=1.0))
    instance = small([[100.0] * 3], [[[5, 5, 5]], [[0, 5, 0]]], workloads=works)
    result = replay(instance, "mpc", forecast="perfect")
    assert {v.rule for v in result.verdict.violations} == {"M1"}
    assert sorted(result.plan.batch.tolist()) == [0, 1, 2]


def test_an_empty_instance_is_no_trouble() -> None:
    result = replay(small([[100.0] * 3], [0, 0, 0]), "mpc")
    assert len(result.plan.batch) == 0


def test_a_job_that_runs_takes_its_room_from_the_plan() -> None:
    """The contiguous job holds the one server for two hours; what is released meanwhile goes after it."""
    works = (workload("w0", slack_periods=3),)
    instance = small(
        [[100.0, 100.0, 500.0, 500.0]],
        [0, HOUR, 0, 0],
        workloads=works,
        servers=np.ones((1, 4)),
        jobs=(job("long", release=0, deadline=1, length=2, requests=2 * HOUR),),
    )
    result = replay(instance, "mpc", forecast="perfect")
    assert result.verdict.violations == ()
    assert sorted(result.plan.period.tolist()) == [0, 2]


@pytest.mark.parametrize("spec", ["mpc:step=0", "mpc:horizon=4,step=5", "mpc:quantile=1"])
def test_settings_that_make_no_sense_are_refused(spec: str) -> None:
    with pytest.raises(UsageError):
        replay(small([[1.0]], [1]), spec)


class Looking:
    """Keeps what it was shown and serves nothing before the last period."""

    regime: Regime = "forecast"

    def __init__(self) -> None:
        self.views: list[HourView] = []

    def decide(self, view: HourView) -> Decision:
        self.views.append(view)
        none = np.zeros(0, dtype=np.int64)
        return Decision(none, none, np.zeros(0))


def views(instance: Instance, forecast: str = "perfect") -> Iterator[HourView]:
    looking = Looking()
    replay(instance, looking, forecast=forecast, demand_forecast=forecast)
    yield from looking.views


def test_the_problem_ahead_holds_what_waits_and_what_is_forecast() -> None:
    works = (workload("w0", slack_periods=3),)
    instance = small([[100, 200, 300, 400, 500]], [10, 20, 30, 40, 50], workloads=works)
    ahead = lookahead(list(views(instance))[2], without_series(instance), 2, None)
    problem = ahead.instance
    assert problem.start == instance.time(2)
    assert problem.carbon_intensity_g_per_kwh.tolist() == [[300, 400]]
    assert [w.slack_periods for w in problem.workloads] == [3]  # no deadline reaches beyond the two periods
    assert problem.requests.tolist() == [[[60, 40]]]
    assert ahead.row_batch.tolist() == [0, 0, 0]
    assert ahead.arrivals.tolist() == [[[0, 1]]]


def test_what_waits_keeps_its_own_deadline() -> None:
    works = (workload("w0", slack_periods=2),)
    instance = small([[1, 2, 3, 4, 5, 6]], [10, 20, 0, 7, 0, 0], workloads=works)
    problem = lookahead(list(views(instance))[1], without_series(instance), 5, None).instance
    assert [(w.name, w.slack_periods) for w in problem.workloads] == [("w0", 2), ("w0 in 1", 1)]
    assert problem.requests[:, 0].tolist() == [[20, 0, 7, 0, 0], [10, 0, 0, 0, 0]]


def test_a_forecast_that_came_true_is_trusted() -> None:
    for counts, surprised in (([100] * 30, False), ([100] * 29 + [101], True)):
        margin = DemandMargin(0.0)
        for view in views(small([[1.0] * 30], counts), "persistence"):
            margin.observe(view)
        assert margin.surprised is surprised
        assert margin.factor((1, 1)).tolist() == [[1.0]]


def test_room_is_kept_for_surprises() -> None:
    instance = small([[1.0] * 4], [HOUR] * 4, servers=np.full((1, 4), 10.0))
    problem = lookahead(next(views(instance)), without_series(instance), 4, np.full((1, 1), 1.3)).instance
    assert problem.servers.tolist() == [[10, 7, 7, 7]]  # 10 / 1.3, whole; now is known


def test_the_margin_is_a_quantile_of_past_errors() -> None:
    counts = [100] * 24 + [150] * 24 + [300] * 2
    margin = DemandMargin(0.5)
    for view in views(small([[1.0] * 50], counts), "persistence"):
        margin.observe(view)
        if view.period == 0:
            assert margin.factor((1, 1)).tolist() == [[1.0]]
    assert margin.factor((1, 1))[0, 0] == pytest.approx(np.median([1.0] * 23 + [1.5] * 24 + [2.0] * 2))


def test_running_jobs_hold_their_pool_until_they_end() -> None:
    instance = small([[1.0] * 5], [0] * 5, jobs=(job("long", release=0, deadline=4, length=3, requests=3 * HOUR),))
    seen, running = list(views(instance)), Running()
    running.start(seen[0], Decision(np.array([0]), np.array([0]), np.array([1.0])))
    assert running.held(seen[1], 3).tolist() == [[HOUR, HOUR, 0]]
    assert running.held(seen[3], 3).tolist() == [[0, 0, 0]]


def test_a_plan_is_cut_to_the_room_there_is_and_due_work_takes_the_rest() -> None:
    works = (workload("patient", slack_periods=3), workload("urgent"))
    requests = np.array([[[4 * HOUR, 0]], [[HOUR, 0]]])
    view = next(views(small([[1.0, 1.0]], requests, workloads=works, servers=np.full((1, 2), 3.0))))
    urgent = int(np.flatnonzero(view.waiting.workload == 1)[0])
    planned = (np.array([1 - urgent]), np.array([0]), np.array([0.5]))
    done = carry_out(view, planned, np.array([2.0]), np.zeros_like(view.unit_price))
    shares: Floats = np.zeros(2)
    np.add.at(shares, done.row, done.share)
    assert shares[[1 - urgent, urgent]].tolist() == [0.5, 1.0]
    assert done.servers is not None
    assert done.servers.tolist() == [3.0]
    greedy = carry_out(view, (planned[0], planned[1], np.array([1.0])), None, np.zeros_like(view.unit_price))
    assert dict(zip(greedy.row.tolist(), greedy.share.tolist(), strict=True)) == {urgent: 1.0, 1 - urgent: 0.5}
