import numpy as np
import pytest

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.five_region import five_region_week
from planner.data.slicing import slice_periods
from planner.domain.instance import Vintages
from planner.io.instances import instance_from_document, instance_to_document


def test_slice_of_the_week_is_the_week_of_those_hours() -> None:
    week = five_region_week()
    day = slice_periods(week, 24, 24)
    assert day.start == week.time(24)
    assert (day.requests == week.requests[..., 24:48]).all()
    assert day.request_log.origin.tolist() == week.request_log.origin[24 * 200 : 48 * 200].tolist()
    instance_from_document(instance_to_document(day))  # the log still matches the counts


def test_jobs_within_move_and_others_go() -> None:
    instance = batch_jobs(JobMix("x", contiguous=20, interruptible=0, servers=4), seed=0)
    half = slice_periods(instance, 12, 24)
    kept = {j.name: j for j in half.jobs}
    assert 0 < len(kept) < 20
    for job in instance.jobs:
        assert (job.name in kept) == (job.release >= 12 and job.deadline < 36)
        assert job.name not in kept or kept[job.name].release == job.release - 12


def test_vintages_issued_within_stay() -> None:
    week = five_region_week(hours=72)
    issued = np.array([0, 24, 48])
    dated = week.replace(vintages=Vintages(issued, np.arange(3.0)[:, None, None] + np.zeros((3, 5, 4))))
    late = slice_periods(dated, 24, 48).vintages
    assert late.issued.tolist() == [0, 24]
    assert late.values[:, 0, 0].tolist() == [1, 2]
    assert slice_periods(dated, 25, 10).vintages is None


@pytest.mark.parametrize(("first", "periods"), [(-1, 5), (0, 0), (160, 9)])
def test_periods_outside_the_horizon_are_refused(first: int, periods: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        slice_periods(five_region_week(), first, periods)
