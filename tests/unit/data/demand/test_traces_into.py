"""Demand series in files, and in instances."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.demand.files import demand_csv, read_demand
from planner.data.demand.into import with_demand
from planner.data.demand.placing import Placing
from planner.data.demand.series import DemandSeries, TraceJobs
from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance
from planner.errors import InvalidInput, UsageError
from planner.io.instances import instance_from_document, instance_to_document
from planner.solve.oracle import solve
from planner.verify.judge import check

START = datetime(2026, 1, 5, tzinfo=UTC)


def hourly(counts: list[list[int]], *names: str, start: str = "2026-01-05", step: int = 60) -> DemandSeries:
    times = np.datetime64(start, "s") + np.arange(len(counts[0])) * np.timedelta64(step, "m")
    return DemandSeries(names, times, step, np.array(counts), "a test", "CC0", notes=("one note",))


def job_series(*jobs: tuple[str, str, float, float], step: int = 60) -> DemandSeries:
    """(arrival, deadline, seconds, width), in order of arrival."""
    arrival, deadline, seconds, width = zip(*jobs, strict=True)
    table = TraceJobs(
        np.zeros(len(jobs), dtype=np.int64),
        np.array(arrival, dtype="datetime64[s]"),
        np.array(deadline, dtype="datetime64[s]"),
        np.array(seconds, dtype=float),
        np.array(width, dtype=float),
    )
    times = np.array([arrival[0][:13]], dtype="datetime64[h]").astype("datetime64[s]")
    return DemandSeries(("tasks",), times, step, np.zeros((1, 1), dtype=np.int64), "a test", "CC0", table)


@pytest.fixture(scope="module")
def small() -> Instance:
    return grid(GridSize(regions=3, origins=2, hours=24, step_minutes=60, workloads=2), seed=1)


@pytest.fixture(scope="module")
def batch() -> Instance:
    return batch_jobs(JobMix("jobs/test", 2, 0, servers=8, serving=True, hours=24), seed=0)


def test_counts_survive_a_file(tmp_path: Path) -> None:
    path = tmp_path / "demand.csv"
    series = hourly([[1, 2, 3], [0, 5, 0]], "chat", "code, or so")
    path.write_text(demand_csv(series), encoding="utf-8")
    again = read_demand(path)
    assert (again.workloads, again.notes, again.source) == (series.workloads, series.notes, "a test")
    np.testing.assert_array_equal(again.times, series.times)
    np.testing.assert_array_equal(again.requests, series.requests)
    assert demand_csv(again) == path.read_text(encoding="utf-8")


def test_jobs_survive_a_file(tmp_path: Path) -> None:
    path = tmp_path / "jobs.csv"
    first = ("2026-01-05T00:30:00", "2026-01-05T04:00:00", 6302.0, 1.5)
    series = job_series(first, ("2026-01-05T02:00:01", "2026-01-05T09:00:00", 0.25, 3.0))
    path.write_text(demand_csv(series), encoding="utf-8")
    again = read_demand(path)
    for name in TraceJobs.__slots__:
        np.testing.assert_array_equal(getattr(again.jobs, name), getattr(series.jobs, name))
    assert len(again.times) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("time,chat\n", "no row"),
        ("time\n2026-01-05T00:00:00Z\n", "no workload"),
        ("chat\n5\n", "no column 'time'"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n", "step_minutes"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T01:00:00Z,x\n", "line 3, column 'chat'"),
        ("# source: a\ntime,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T01:00:00Z,1.5\n", "line 4, column 'chat'"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T01:00:00Z,\n", "line 3, column 'chat': found nothing"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T01:00:00Z,1\n2026-01-05T03:00:00Z,1\n", "every 60 minutes"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T00:00:00Z,1\n", "every 1 minutes"),
        ("time,chat\n2026-01-05T00:00:00Z,1\n2026-01-05T00:07:00Z,1\n", "divisor of a day"),
        ("# step_minutes: soon\ntime,chat\n2026-01-05T00:00:00Z,1\n", "a whole number of minutes"),
        ("workload,arrival\na,2026-01-05T00:00:00Z\n", "no column 'deadline'"),
        (
            "workload,arrival,deadline,length_s,width\na,2026-01-05T00:00:00Z,2026-01-04T00:00:00Z,5,1\n",
            "line 2, column 'deadline'.*after the arrival",
        ),
        (
            "workload,arrival,deadline,length_s,width\na,2026-01-05T00:00:00Z,2026-01-05T00:00:00Z,0,1\n",
            "line 2, column 'length_s'",
        ),
    ],
)
def test_files_that_hold_no_demand_are_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "demand.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=told) as error:
        read_demand(path)
    assert str(path) in str(error.value)


def test_requests_replace_the_demand_and_keep_the_split(small: Instance) -> None:
    counts = list(range(100, 124))
    series = hourly([counts], "chat", start=f"{small.start:%Y-%m-%d}")
    name = small.workloads[0].name
    found = with_demand(small, series, Placing({name: None}))
    assert found.requests[0].sum(axis=0).tolist() == counts
    before, after = (i.requests[0].sum(axis=1) / i.requests[0].sum() for i in (small, found))
    np.testing.assert_allclose(after, before, atol=0.01)
    np.testing.assert_array_equal(found.requests[1], small.requests[1])
    assert found.notes[-2:] == (
        f"Demand of {name}: a test (CC0) from {small.start:%Y-%m-%dT%H:%MZ} on.",
        "one note",
    )
    one = with_demand(small, series, Placing({name: "chat"}, origin=small.origins[1], scale=0.5))
    assert one.requests[0, 0].sum() == 0
    assert one.requests[0, 1].sum() == round(sum(counts) / 2)
    instance_from_document(instance_to_document(one))


def test_workloads_go_by_name_or_as_told(small: Instance) -> None:
    names = [w.name for w in small.workloads]
    start = f"{small.start:%Y-%m-%d}"
    by_name = with_demand(small, hourly([[1] * 24, [2] * 24], *names[::-1], start=start), Placing())
    assert by_name.requests.sum(axis=(1, 2)).tolist() == [48, 24]
    both = with_demand(small, hourly([[1] * 24, [2] * 24], "a", "b", start=start), Placing({names[1]: None}))
    assert both.requests[1].sum() == 72
    for placing in (
        Placing(),
        Placing({"none": None}),
        Placing({names[0]: "c"}),
        Placing({names[0]: "a"}, origin="Mars"),
    ):
        with pytest.raises(UsageError):
            with_demand(small, hourly([[1] * 24, [2] * 24], "a", "b", start=start), placing)


def test_series_of_other_dates_keep_their_time_of_day(small: Instance) -> None:
    counts = [24 * d + h for d in range(3) for h in range(24)]
    series = hourly([counts[7:]], "chat", start="2023-11-16T07")
    name = small.workloads[0].name
    found = with_demand(small, series, Placing({name: None}))
    assert found.requests[0].sum(axis=0).tolist() == counts[24:48]
    later = with_demand(small, series, Placing({name: None}, at=datetime(2023, 11, 17, 12, tzinfo=UTC)))
    assert later.requests[0].sum(axis=0).tolist() == counts[36:60]
    with pytest.raises(UsageError, match="not in the series"):
        with_demand(small, series, Placing({name: None}, at=START))


def test_a_short_series_is_repeated_only_on_demand(batch: Instance) -> None:
    day = grid(GridSize(regions=2, origins=2, hours=60, step_minutes=60, workloads=1), seed=1)
    series = hourly([list(range(30))], "chat", start=f"{day.start:%Y-%m-%d}")
    with pytest.raises(UsageError, match="30 of the 60 hours"):
        with_demand(day, series, Placing())
    found = with_demand(day, series, Placing(repeat=True))
    assert found.requests[0].sum(axis=0).tolist() == [*range(24), *range(24), *range(12)]
    hour = hourly([[5]], "chat", start="2023-11-16T18")
    assert (with_demand(day, hour, Placing(repeat=True)).requests.sum(axis=(0, 1)) == 5).all()


def test_finer_steps_are_added_up_and_coarser_ones_told(small: Instance) -> None:
    name, start = small.workloads[0].name, f"{small.start:%Y-%m-%d}"
    fine = hourly([list(range(24 * 6))], "chat", start=start, step=10)
    found = with_demand(small, fine, Placing({name: None})).requests[0].sum(axis=0)
    assert found.tolist() == [sum(range(6 * h, 6 * h + 6)) for h in range(24)]
    with pytest.raises(InvalidInput, match="--step 60"):
        with_demand(small, hourly([[1] * 24], "chat", start=start, step=120), Placing({name: None}))


JOBS = (
    # Runs 2 h and is due at 09:30: released in period 3, last period 8.
    ("2026-01-05T03:20:00", "2026-01-05T09:30:00", 7200.0, 2.0),
    # 61 minutes in whole hours are two; its deadline leaves room for less and is moved.
    ("2026-01-05T05:59:59", "2026-01-05T07:31:29", 3660.0, 1.0),
    # Would end after the horizon.
    ("2026-01-05T22:00:00", "2026-01-06T05:00:00", 9000.0, 1.0),
    # Due after the horizon: by its end.
    ("2026-01-05T22:30:00", "2026-01-06T05:00:00", 3600.0, 1.0),
)


def test_jobs_become_batches(batch: Instance) -> None:
    series = job_series(*JOBS)
    found = with_demand(batch, series, Placing({"training": None}))
    spans = [(j.release, j.length, j.deadline, j.requests) for j in found.jobs]
    # A request of training is a server-hour, so two hours of two servers are four.
    assert spans == [(3, 2, 8, 4), (5, 2, 6, 1), (22, 1, 23, 1)]
    assert [j.name for j in found.jobs] == ["job-1", "job-2", "job-3"]
    assert found.requests[0].sum() == 0
    np.testing.assert_array_equal(found.requests[1], batch.requests[1])
    assert found.notes[-1] == "jobs that would end after the horizon, left out: 1"
    instance_from_document(instance_to_document(found))
    result = solve(found)
    assert result.plan is not None
    assert not check(found, result.plan).violations


def test_jobs_of_other_dates_keep_their_time_of_day(batch: Instance) -> None:
    other = [tuple(t.replace("2026-01-0", "2019-05-0") for t in job[:2]) + job[2:] for job in JOBS]
    found = with_demand(batch, job_series(*other), Placing({"training": None}))
    assert [j.release for j in found.jobs] == [3, 5, 22]
    at = datetime(2019, 5, 5, 3, tzinfo=UTC)
    assert with_demand(batch, job_series(*other), Placing({"training": None}, at=at)).jobs[0].release == 0


def test_a_sample_of_jobs_is_drawn_by_its_seed(batch: Instance) -> None:
    many = [("2026-01-05T00:00:00", "2026-01-05T09:00:00", 600.0 * n, 1.0) for n in range(1, 60)]
    drawn = [
        with_demand(batch, job_series(*many), Placing({"training": None}, sample=7, seed=s)).jobs for s in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len(drawn[0]) == 7
    wide = with_demand(batch, job_series(*many), Placing({"training": None}, scale=10))
    assert wide.jobs[-1].requests == round(600 * 59 * 10 / 3600)


def test_no_demand_in_the_horizon_is_told(batch: Instance) -> None:
    bare = batch.replace(requests=np.zeros_like(batch.requests), jobs=())
    late = job_series(("2026-01-05T00:00:00", "2026-01-09T00:00:00", 900000.0, 1.0))
    with pytest.raises(InvalidInput, match="no demand from 2026-01-05T00:00Z"):
        with_demand(bare, late, Placing({"training": None}))
    for wrong in ({"scale": 0}, {"scale": float("inf")}, {"sample": 0}):
        with pytest.raises(UsageError):
            Placing(**wrong)
