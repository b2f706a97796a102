"""When capacity lets a batch wait no longer."""

from typing import ClassVar

import numpy as np
import pytest

from planner.domain.instance import Instance, Profile, Variant, Workload
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.threshold import Threshold
from planner.replay.loop import replay
from planner.replay.static import without_series
from tests.unit.replay.small import HOUR, KWH, small, workload

DIRTY = [10.0] * 24 + [500.0] * 6  # every hour is dirtier than yesterday: a threshold waits to the end


def served(count: int, servers: float, slack: int = 5, **changes: object) -> list[tuple[int, float]]:
    requests = np.zeros(30, dtype=int)
    requests[24] = count * HOUR
    instance = small(
        [DIRTY],
        requests,
        workloads=(workload("w0", slack_periods=slack),),
        servers=np.full((1, 30), servers),
        **changes,
    )
    result = replay(instance, Threshold(without_series(instance)))
    assert result.verdict.violations == ()
    return list(zip(result.plan.period.tolist(), result.plan.share.round(6).tolist(), strict=True))


def test_what_fits_its_last_hour_waits_for_it() -> None:
    assert served(3, servers=7.0) == [(29, 1.0)]
    assert served(3, servers=np.inf) == [(29, 1.0)]


def test_room_is_left_for_as_much_as_came_before() -> None:
    assert served(3, servers=4.0) == [(28, 0.767), (29, 0.233)]  # 1.1 times 3 may come in hour 29


def test_what_does_not_goes_as_early_as_it_must() -> None:
    periods = [period for period, _ in served(7, servers=3.0)]
    assert periods[0] > 24
    assert periods[-1] <= 29


def test_what_arrives_every_hour_and_cannot_wait_is_allowed_for() -> None:
    requests = np.zeros((2, 1, 30), dtype=int)
    requests[0, 0, 24] = 3 * HOUR
    requests[1] = 2 * HOUR
    works = (workload("w0", slack_periods=5), workload("w1"))
    instance = small([DIRTY], requests, workloads=works, servers=np.full((1, 30), 3.0))
    assert replay(instance, "threshold").verdict.violations == ()


def test_every_set_of_pools_counts_for_itself() -> None:
    """w0 may use r0 only, which is full, however much room there is elsewhere."""
    requests = np.zeros((2, 1, 30), dtype=int)
    requests[:, 0, 24] = 6 * HOUR, HOUR
    works = (workload("w0", slack_periods=5, allowed_regions=("r0",)), workload("w1", slack_periods=5))
    servers = np.array([[1.0] * 30, [9.0] * 30])
    instance = small([DIRTY, DIRTY], requests, workloads=works, servers=servers)
    assert replay(instance, "threshold").verdict.violations == ()


@pytest.mark.parametrize("policy", ["threshold", "pcm", "carbon-clipper", "pcaps", "cap", "sqrt-lu", "vcc", "regret"])
def test_work_whose_deadlines_the_end_cuts_is_done(policy: str) -> None:
    draw = np.random.default_rng(11)
    counts = draw.integers(HOUR // 2, HOUR, (2, 2, 48))
    works = (workload("w0", slack_periods=12), workload("w1", slack_periods=4))
    carbon = draw.uniform(50, 500, (2, 48)) + np.linspace(0, 300, 48)  # ever dirtier: waiting rules wait
    instance = small(carbon.tolist(), counts, workloads=works, servers=np.full((2, 48), 2.0))
    assert replay(instance, policy).verdict.violations == ()


class AsItMust:
    """Serves what it must and nothing more."""

    regime: ClassVar[Regime] = "none"

    def __init__(self, instance: Instance) -> None:
        self._pressure = Pressure(instance)

    def decide(self, view: HourView) -> Decision:
        return fill(view, view.unit_price, self._pressure.rows(view))


@pytest.mark.parametrize("seed", range(3))
def test_what_must_go_now_in_any_case_forces_nothing_else(seed: int) -> None:
    """Added up in two ways, what is due now differs by a rounding error, which must not send the patient off."""
    draw = np.random.default_rng(seed)
    profile = Profile(10.0, 0.0, 0.1, KWH)  # 0.1 server-seconds: sums are not exact
    variants = (Variant("only", {"cpu": profile}),)
    works = (Workload("w0", variants), Workload("w1", variants, slack_periods=29))
    counts = draw.integers(1, 10**6, (2, 7, 30))
    counts[1, :, 1:] = 0
    instance = small([[100] * 30], counts, workloads=works, servers=np.full((1, 30), 1e5))
    instance = instance.replace(rtt_ms=np.full((7, 1), 10.0))
    plan = replay(instance, AsItMust(without_series(instance))).plan
    patient = instance.batches().workload[plan.batch] == 1
    assert set(plan.period[patient].tolist()) == {29}
