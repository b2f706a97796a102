"""The hourly replay on cases added up by hand."""

from collections.abc import Callable
from typing import ClassVar, cast

import numpy as np
import pytest

from planner.domain.instance import Floats, Pool, Weights
from planner.domain.protocols import Decision, HourView, Regime
from planner.domain.results import ReplayResult
from planner.errors import InvalidInput, PolicyError, UsageError
from planner.policies.greedy import Greedy
from planner.policies.lowest_carbon import LowestCarbon
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, job, small, workload

Answer = Callable[[HourView], Decision]


class Scripted:
    """A policy that answers as it is told."""

    regime: ClassVar[Regime] = "none"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def decide(self, view: HourView) -> Decision:
        return self.answer(view)


def decision(row: object, route: object, share: object, servers: Floats | None = None) -> Decision:
    return Decision(np.array(row), np.array(route), np.array(share), servers)


def nothing(view: HourView) -> Decision:
    return decision(np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros(0))


def lazily(view: HourView) -> Decision:
    """Everything in its last period, on route 0."""
    rows = np.flatnonzero(view.waiting.last == view.period)
    return decision(rows, np.zeros(len(rows), dtype=int), view.waiting.left[rows])


def rules(result: ReplayResult) -> set[str]:
    return {violation.rule for violation in result.verdict.violations}


def test_everything_at_once_where_it_is_cleanest() -> None:
    result = replay(small([[500, 100], [200, 300]], [10, 10]), "lowest-carbon")
    assert result.verdict.violations == ()
    assert result.verdict.objective.total == pytest.approx(10 * 0.2 + 10 * 0.1)
    assert (result.policy, result.regime, result.uses_future) == ("lowest-carbon", "none", False)
    assert result.decision_us_per_request > 0


def test_what_nobody_serves_breaks_m1() -> None:
    result = replay(small([[100]], [10]), Scripted(nothing))
    assert rules(result) == {"M1"}
    assert result.policy == "Scripted"


def test_what_nobody_serves_is_missed_where_a_miss_has_a_price() -> None:
    result = replay(small([[100, 100]], [10, 5], weights=Weights(miss_weight=2.0)), Scripted(nothing))
    assert result.verdict.violations == ()
    assert result.verdict.objective.missed == 15
    assert result.verdict.objective.total == pytest.approx(30)


def test_lateness_is_allowed_up_to_the_grace() -> None:
    instance = small([[100, 100, 100]], [10, 0, 0], grace_periods=1, weights=Weights(tardiness_weight=0.5))
    result = replay(instance, Scripted(lazily))
    assert result.verdict.violations == ()
    assert result.verdict.objective.late == 10
    assert result.verdict.objective.total == pytest.approx(10 * 0.1 + 10 * 1 * 0.5)


def test_what_waits_is_shown_with_what_is_left() -> None:
    seen: list[tuple[list[int], list[float]]] = []

    def half(view: HourView) -> Decision:
        seen.append((view.waiting.release.tolist(), view.waiting.left.tolist()))
        return decision([0], [0], [min(0.5, view.waiting.left[0])])

    instance = small([[100, 100]], [10, 10], workloads=(workload("w0", slack_periods=1),))
    result = replay(instance, Scripted(half))
    assert seen == [([0], [1.0]), ([0, 1], [0.5, 1.0])]
    assert rules(result) == {"M1"}  # the second batch found no taker


def test_a_view_holds_no_future() -> None:
    views: list[HourView] = []

    def keep(view: HourView) -> Decision:
        views.append(view)
        return lazily(view)

    replay(small([[500, 100, 300]], [1, 2, 3]), Scripted(keep))
    first = views[0]
    assert first.carbon_intensity.tolist() == [[500.0]]
    assert not first.carbon_intensity.flags.writeable
    assert first.forecast is None
    assert first.waiting.requests.tolist() == [1]
    assert [view.unit_price.tolist() for view in views] == [[[0.5]], [[0.1]], [[0.3]]]
    assert [view.waiting.batch.tolist() for view in views] == [[0], [1], [2]]


def test_the_buffer_behind_a_view_is_empty_ahead() -> None:
    seen: list[int] = []

    def look(view: HourView) -> Decision:
        base = view.carbon_intensity.base
        assert base is not None
        seen.append(int(np.isfinite(base).sum()))
        return lazily(view)

    replay(small([[500, 100, 300]], [1, 2, 3]), Scripted(look))
    assert seen == [1, 2, 3]


def test_routes_cannot_be_changed_by_a_policy() -> None:
    def cheat(view: HourView) -> Decision:
        view.routes.feasible[:] = True
        return nothing(view)

    with pytest.raises(PolicyError, match="read-only"):
        replay(small([[500]], [1]), Scripted(cheat))


def test_a_contiguous_job_holds_its_servers_to_its_end() -> None:
    free: list[float] = []

    def watch(view: HourView) -> Decision:
        free.append(float(view.free_server_seconds[0]))
        return LowestCarbon().decide(view)

    instance = small(
        [[100, 200, 300]],
        [0, 0, 0],
        servers=np.array([[1.0, 1.0, 1.0]]),
        jobs=(job("j", release=0, deadline=1, length=2),),
    )
    result = replay(instance, Scripted(watch))
    assert result.verdict.violations == ()
    assert free == [HOUR, HOUR / 2, HOUR]  # half of its 3600 requests an hour
    assert result.verdict.objective.total == pytest.approx(1800 * 0.1 + 1800 * 0.2)


def test_an_interruptible_job_runs_in_parts() -> None:
    parts = (job("j", release=0, deadline=2, length=2, contiguous=False),)
    instance = small([[100, 200, 300]], [0, 0, 0], servers=np.array([[1.0, 0.0, 1.0]]), jobs=parts)
    result = replay(instance, "greedy")
    assert result.verdict.violations == ()
    assert result.plan.period.tolist() == [0, 2]
    assert result.plan.share.tolist() == [0.5, 0.5]


def test_the_fewest_servers_carry_the_load() -> None:
    pool = Pool("r0", "r0", "cpu", idle_w=1000.0, startup_wh=500.0, initial_servers=1)
    instance = small(
        [[1000, 1000, 1000]], [2 * HOUR + 1, HOUR, 0], pools=(pool,), servers=np.full((1, 3), 5.0), provisioning=True
    )
    result = replay(instance, Greedy())
    assert result.verdict.violations == ()
    assert result.plan.servers is not None
    assert result.plan.servers.tolist() == [[3.0, 1.0, 0.0]]
    assert result.plan.started is not None
    assert result.plan.started.tolist() == [[2.0, 0.0, 0.0]]
    assert result.verdict.objective.parts["O2"] == pytest.approx(4 * 1.0 + 2 * 0.5)


def test_a_started_server_stays_on_for_its_minimum() -> None:
    pool = Pool("r0", "r0", "cpu", min_uptime_periods=3)
    instance = small([[100] * 4], [10, 0, 0, 0], pools=(pool,), servers=np.full((1, 4), 2.0), provisioning=True)
    result = replay(instance, "greedy")
    assert result.verdict.violations == ()
    assert result.plan.servers is not None
    assert result.plan.servers.tolist() == [[1.0, 1.0, 1.0, 0.0]]


def test_servers_asked_for_are_given() -> None:
    def generous(view: HourView) -> Decision:
        served = LowestCarbon().decide(view)
        return Decision(served.row, served.route, served.share, np.array([2.0]))

    instance = small([[100]], [10], servers=np.array([[3.0]]), provisioning=True)
    plan = replay(instance, Scripted(generous)).plan
    assert plan.servers is not None
    assert plan.servers.tolist() == [[2.0]]


def test_a_forecast_policy_gets_the_forecaster_it_is_given() -> None:
    instance = small([[100, 50]], [10, 10])
    assert not replay(instance, "threshold").uses_future
    assert replay(instance, "threshold", forecast="perfect").uses_future
    assert not replay(instance, "greedy", forecast="perfect").uses_future


TIGHT = {"servers": np.array([[1.0], [1.0]])}
WRONG: dict[str, tuple[Answer, str]] = {
    "NaN": (lambda v: decision([0], [0], [np.nan]), r"hour 0 .*batch 0 \(w0 from o0.*not a number"),
    "infinite": (lambda v: decision([0], [0], [np.inf]), "not a number"),
    "negative": (lambda v: decision([0], [0], [-0.5]), "negative share"),
    "too much": (lambda v: decision([0, 0], [0, 1], [0.7, 0.7]), r"more than is left of it \(M1\)"),
    "row too high": (lambda v: decision([3], [0], [1.0]), "row 3 of 3"),
    "row below 0": (lambda v: decision([-1], [0], [1.0]), "row -1 of 3"),
    "unknown route": (lambda v: decision([0], [99], [1.0]), r"a route outside 0\.\.3"),
    "another's route": (lambda v: decision([0], [2], [1.0]), "a route of another workload"),
    "forbidden route": (lambda v: decision([1], [2], [1.0]), r"SLO or residency forbids \(M0\)"),
    "no room": (lambda v: decision([0], [0], [1.0]), r"pool r0: 7200 server-seconds where 3600 are free \(M2\)"),
    "half a job": (lambda v: decision([2], [0], [0.5]), "a part of what cannot be split"),
    "a job twice": (lambda v: decision([2, 2], [0, 1], [1.0, 1e-10]), "cannot be split"),
    "shapes": (lambda v: decision([0, 0], [0], [1.0]), "differ in shape"),
    "fractional row": (lambda v: decision([0.5], [0], [1.0]), "must be whole"),
    "no decision": (cast(Answer, lambda v: None), "answered NoneType"),
    "raises": (lambda v: decision([0], [1 // 0], [1.0]), "ZeroDivisionError"),
    "raises ours": (lambda v: (_ for _ in ()).throw(PolicyError("lost")), "hour 0 .*: lost"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_is_named_with_hour_and_batch(case: str) -> None:
    answer, message = WRONG[case]
    instance = small(
        [[100], [200]],
        [[[2 * HOUR]], [[10]]],
        workloads=(workload("w0"), workload("w1", slo_ms=30.0)),
        jobs=(job("j", release=0, deadline=0, length=1),),
        **TIGHT,
    )
    instance = instance.replace(rtt_ms=np.array([[50.0, 10.0]]))  # w1 cannot go to r0
    with pytest.raises(PolicyError, match=r"policy Scripted, hour 0 \(2026-01-01T00:00Z\)") as caught:
        replay(instance, Scripted(answer))
    caught.match(message)


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        ([0.5], "not whole"),
        ([9.0], r"more than there are \(M3\)"),
        ([0.0], r"too few for the load \(M2\)"),
        ([np.nan], "finite numbers"),
        ([1.0, 1.0], "one a pool"),
    ],
)
def test_wrong_servers_are_refused(servers: list[float], message: str) -> None:
    instance = small([[100]], [10], servers=np.array([[3.0]]), provisioning=True)
    with pytest.raises(PolicyError, match=message):
        replay(instance, Scripted(lambda v: decision([0], [0], [1.0], np.array(servers))))


def test_stopping_a_server_too_early_is_refused() -> None:
    pool = Pool("r0", "r0", "cpu", min_uptime_periods=2)
    instance = small([[100, 100]], [10, 0], pools=(pool,), servers=np.full((1, 2), 3.0), provisioning=True)

    def hasty(view: HourView) -> Decision:
        served = LowestCarbon().decide(view)
        return Decision(served.row, served.route, served.share, np.array([1.0 - view.period]))

    with pytest.raises(PolicyError, match=r"hour 1 .*fewer than must stay on \(M5\)"):
        replay(instance, Scripted(hasty))


def test_errors_that_are_not_the_policys_keep_their_kind() -> None:
    def unreadable(view: HourView) -> Decision:
        raise InvalidInput("row 2", "nothing", "a region")

    with pytest.raises(InvalidInput):
        replay(small([[100]], [1]), Scripted(unreadable))
    with pytest.raises(UsageError, match="did you mean greedy"):
        replay(small([[100]], [1]), "greddy")
    with pytest.raises(UsageError, match="did you mean perfect"):
        replay(small([[100]], [1]), "threshold", forecast="perfetc")
