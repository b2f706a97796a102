"""Axes of a sweep."""

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.errors import UsageError
from planner.metrics.sweep import AXES, sweep
from tests.unit.replay.small import HOUR, job, small, workload


@pytest.fixture
def two_hours() -> Instance:
    return small([[400, 200]], [10, 0], workloads=(workload("w0", slack_periods=1),), servers=np.ones((1, 2)))


def test_slack_scales_and_limits_waits() -> None:
    instance = small(
        [[1] * 12],
        [1] * 12,
        workloads=(workload("w0", slack_periods=4),),
        jobs=(job("j", release=1, deadline=8, length=2),),
        step_minutes=30,
    )
    half, short = AXES["slack"](instance, 0.5), AXES["slack-limit"](instance, 1.0)
    assert (half.workloads[0].slack_periods, half.jobs[0].deadline) == (2, 2 + 3)
    assert (short.workloads[0].slack_periods, short.jobs[0].deadline) == (2, 2 + 2)
    assert AXES["slack"](instance, 1.0).jobs == instance.jobs


def test_capacity_is_whole_servers_and_the_fleet() -> None:
    instance = small([[1, 1]], [1, 1], servers=np.array([[3.0, np.inf]]), fleet_limit=np.array([3.0, 5.0]))
    changed = AXES["capacity"](instance, 0.5)
    assert changed.servers.tolist() == [[2.0, np.inf]]
    assert changed.fleet_limit is not None
    assert changed.fleet_limit.tolist() == [2.0, 2.0]


def test_idle_capacity_leaves_that_share_idle() -> None:
    instance = small([[1, 1], [1, 1]], [HOUR * 4, HOUR * 4], servers=np.array([[30.0, 30.0], [10.0, 10.0]]))
    changed = AXES["idle-capacity"](instance, 0.5)
    assert changed.servers.tolist() == [[6.0, 6.0], [2.0, 2.0]]  # 8 server-hours of 16
    with pytest.raises(UsageError, match="without a limit"):
        AXES["idle-capacity"](instance.replace(servers=np.full((2, 2), np.inf)), 0.5)
    with pytest.raises(UsageError, match="below 1"):
        AXES["idle-capacity"](instance, 1.0)


def test_rtt_limit_scales_every_slo() -> None:
    works = (workload("a", slo_ms=80.0), workload("b"))
    changed = AXES["rtt-limit"](small([[1]], [[[1]], [[1]]], workloads=works), 0.5)
    assert [w.slo_ms for w in changed.workloads] == [40.0, None]


def test_alpha_moves_weight_from_all_else_to_carbon() -> None:
    instance = small([[400], [100]], [10], workloads=(workload("w0", slo_ms=40.0, slo_mode="priced"),))
    weighed = AXES["alpha"](instance, 0.25).weights
    assert weighed.alpha == 0.25
    assert weighed.violation_weight == pytest.approx(0.75 * (4 - 1) / 10)  # worst less optimum, per request
    carbon = [p.rows[0].objective.carbon_kg for p in sweep(instance, "alpha", (0, 0.9)) if p.rows[0].objective]
    assert carbon == pytest.approx([4, 1])
    with pytest.raises(UsageError, match="nothing against carbon"):
        AXES["alpha"](small([[400]], [10]), 0.5)


def test_a_point_without_a_plan_tells_why(two_hours: Instance) -> None:
    points = list(sweep(two_hours.replace(requests=np.array([[[HOUR, HOUR]]])), "capacity", (0, 1)))
    assert points[0].rows == ()
    assert "no plan satisfies" in str(points[0].error)
    assert points[1].rows[0].gap_to_bound == pytest.approx(0, abs=1e-9)


def test_the_forecasts_error_changes_policies_alone(two_hours: Instance) -> None:
    asked = []

    def oracle(instance: Instance) -> object:
        from planner.solve.oracle import solve

        asked.append(instance)
        return solve(instance)

    points = list(sweep(two_hours, "forecast-error", (0, 5), ["threshold"], oracle=oracle))  # type: ignore[arg-type]
    assert len(asked) == 1
    assert [row.policy for row in points[0].rows] == ["optimum", "threshold"]
    assert points[0].rows[1].uses_future
    assert points[0].rows[1].gap_to_bound == pytest.approx(0, abs=1e-9)  # a perfect forecast waits


def test_slack_helps_the_optimum(two_hours: Instance) -> None:
    totals = [p.rows[0].objective.total for p in sweep(two_hours, "slack", (0, 1)) if p.rows[0].objective]
    assert totals == pytest.approx([4, 2])


def test_an_unknown_axis(two_hours: Instance) -> None:
    with pytest.raises(UsageError, match="did you mean alpha"):
        list(sweep(two_hours, "alhpa", (0,)))
