"""When capacity lets a batch wait no longer."""

import numpy as np
import pytest

from planner.policies.threshold import Threshold
from planner.replay.loop import replay
from planner.replay.static import without_series
from tests.unit.replay.small import HOUR, small, workload

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
