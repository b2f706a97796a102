import numpy as np

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.faas import protocol_week


def test_protocol_week_is_the_protocol() -> None:
    week = protocol_week()
    names = ("api-health-check", "crypto-key-gen", "image-format-converter", "video-transcoder")
    assert tuple(w.name for w in week.workloads) == names
    assert week.requests[:, 0, :].T.tolist() == [[20, 3, 2, 1]] * 168
    assert week.requests.sum() == 4368
    assert [w.slack_periods for w in week.workloads] == [0, 3, 6, 12]
    assert len(week.regions) == 6


def test_cleanest_region_of_the_protocol_week_changes() -> None:
    cleanest = protocol_week().carbon_intensity_g_per_kwh.argmin(axis=0)
    assert np.bincount(cleanest).max() < 0.75 * len(cleanest)


def test_every_job_fits_its_window() -> None:
    for seed in range(10):
        instance = batch_jobs(JobMix("x", contiguous=10, interruptible=10, servers=4, hours=30), seed=seed)
        assert [j.contiguous for j in instance.jobs] == [True] * 10 + [False] * 10
        for job in instance.jobs:
            assert job.release >= 0
            assert job.release + job.length - 1 <= job.deadline < 30
            assert job.requests % job.length == 0
