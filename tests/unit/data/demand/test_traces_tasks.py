"""Traces of tasks: jobs with synthetic deadlines, and what is left out of files that are known to be dirty."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.formats import read_trace
from planner.data.demand.traces.options import TraceOptions
from planner.errors import InvalidInput

PAI_1K = "arrival_time,length,cpus\n0.0,6302.0,1\n68.0,1000.0,1\n463.0,1570.0,3\n2619.0,628.0,2\n2619.0,628.0,2\n"
AFTER = 2**63 - 1


def read(name: str, path: Path, text: str, **options: object) -> DemandSeries:
    path.write_text(text, encoding="utf-8")
    return read_trace(name, [path], TraceOptions(**options))  # type: ignore[arg-type]


def lengths(series: DemandSeries) -> list[float]:
    return [] if series.jobs is None else series.jobs.seconds.tolist()


def test_plain_jobs_are_due_one_and_a_half_lengths_after_they_arrive(tmp_path: Path) -> None:
    found = read("plain", tmp_path / "jobs.csv", PAI_1K, epoch=datetime(2024, 1, 1, tzinfo=UTC))
    assert lengths(found) == [6302, 1000, 1570, 628, 628]
    assert found.jobs.width.tolist() == [1, 1, 3, 2, 2]
    assert found.jobs.deadline[0] == np.datetime64("2024-01-01T00:00:00") + np.timedelta64(9453, "s")
    assert found.requests.sum() == 0
    late = read("plain", tmp_path / "jobs.csv", PAI_1K, deadline_factor=3)
    assert ((late.jobs.deadline - late.jobs.arrival).astype(int) == 3 * late.jobs.seconds).all()


def test_jobs_can_be_counted_instead(tmp_path: Path) -> None:
    tasks = read("plain", tmp_path / "jobs.csv", PAI_1K, jobs_as="tasks")
    hours = read("plain", tmp_path / "jobs.csv", PAI_1K, jobs_as="unit-hours")
    assert tasks.requests.tolist() == [[5]]
    assert hours.requests.tolist() == [[round((6302 + 1000 + 3 * 1570 + 4 * 628) / 3600)]]
    assert tasks.jobs is hours.jobs is None


def test_unsorted_rows_are_sorted_and_units_are_taken(tmp_path: Path) -> None:
    rows = PAI_1K.splitlines()
    backwards = "\n".join([rows[0], *reversed(rows[1:])]) + "\n"
    assert lengths(read("plain", tmp_path / "a.csv", backwards)) == lengths(read("plain", tmp_path / "b.csv", PAI_1K))
    thousand = "arrival_time,length,cpus\n" + "1700000000000,5000,1\n"
    found = read("plain", tmp_path / "ms.csv", thousand, unit="ms")
    assert found.jobs.arrival[0] == np.datetime64("2023-11-14T22:13:20")
    assert lengths(found) == [5.0]
    by_date = read("plain", tmp_path / "iso.csv", "arrival_time,length,cpus\n2026-01-01T05:00:00Z,60,1\n")
    assert by_date.start == datetime(2026, 1, 1, 5, tzinfo=UTC)


ALIBABA = """M1,2,j_1,1,Terminated,86400,90000,100.0,0.5
R2_1,1,j_1,1,Terminated,90000,90060,50.0,0.5
M3,4,j_2,1,Running,91000,,100.0,0.5
M4,4,j_3,1,Waiting,0,0,100.0,0.5
M5,1,j_4,1,Terminated,95000,94000,100.0,0.5
M6,1,j_5,1,Terminated,96000,96100,,0.5
M1,2,j_1,1,Terminated,86400,90000,100.0,0.5
"""


@pytest.mark.parametrize("named", [False, True])
def test_alibaba_2018(tmp_path: Path, named: bool) -> None:
    names = "task_name,instance_num,job_name,task_type,status,start_time,end_time,plan_cpu,plan_mem\n"
    found = read("alibaba-2018", tmp_path / "batch_task.csv", (names if named else "") + ALIBABA)
    assert lengths(found) == [3600, 60]
    assert found.jobs.width.tolist() == [2, 0.5]
    assert found.notes[1:] == (
        "tasks named before, left out: 1",
        "tasks that ask for nothing, left out: 1",
        "tasks that end before they start, left out: 1",
        "tasks without a start or an end, left out: 2",
    )


def test_alibaba_gpu_2020(tmp_path: Path) -> None:
    rows = """4f05,tensorflow,1.0,Terminated,1739162.0,1739200.0,600.0,29.29,50.0,MISC
4f05,ps,2.0,Terminated,1739162.0,1739200.0,600.0,29.29,,
5a,worker,4.0,Running,1739300.0,,600.0,29.29,100.0,V100
5b,worker,4.0,Failed,1739400.0,1743000.0,600.0,29.29,100.0,V100
"""
    found = read("alibaba-gpu", tmp_path / "pai_task_table.csv", rows)
    assert lengths(found) == [38, 3600]
    assert found.jobs.width.tolist() == [0.5, 4]
    assert "in GPUs" in found.notes[0]
    assert len(found.notes) == 3


def test_alibaba_gpu_2023(tmp_path: Path) -> None:
    names = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase"
    rows = f"""{names},creation_time,deletion_time,scheduled_time
openb-pod-0017,88000,327680,8,1000,,Burstable,Succeeded,9437497,10769854,9437497
openb-pod-0019,8000,30517,1,470,,LS,Running,9664050,12902960,9664060
openb-pod-0048,8000,30517,0,0,,BE,Running,9992086,10013821,9992086
openb-pod-0061,11908,47104,1,1000,,BE,Pending,10001278,10001403,
"""
    found = read("alibaba-gpu", tmp_path / "openb_pod_list_default.csv", rows)
    assert lengths(found) == [10769854 - 9437497, 12902960 - 9664060]
    assert found.jobs.width.tolist() == [8, 0.47]
    assert found.jobs.arrival[1].astype(int) == 9664050
    assert found.notes[1:] == ("tasks that never ran or never ended, left out: 1", "tasks without a GPU, left out: 1")


SUBMIT, SCHEDULE, EVICT, FINISH, KILL = 0, 3, 4, 6, 7
GOOGLE = [
    # Arrives at 600 s, runs for 60 s, is evicted, runs again for 40 s.
    (600_000_000, SUBMIT, 1, 0, 0, 0.25),
    (610_000_000, SCHEDULE, 1, 0, 0, 0.25),
    (670_000_000, EVICT, 1, 0, 0, 0.25),
    (680_000_000, SCHEDULE, 1, 0, 0, 0.25),
    (720_000_000, FINISH, 1, 0, 0, 0.25),
    # The second of a collection; updated on the way.
    (600_000_000, SUBMIT, 1, 1, 0, 0.25),
    (700_000_000, SCHEDULE, 1, 1, 0, 0.25),
    (750_000_000, 10, 1, 1, 0, 0.5),
    (4_300_000_000, FINISH, 1, 1, 0, 0.25),
    # Cut by the trace: already running, still running, without an end.
    (0, SCHEDULE, 2, 0, 0, 0.1),
    (700_000_000, FINISH, 2, 0, 0, 0.1),
    (800_000_000, SUBMIT, 3, 0, 0, 0.1),
    (810_000_000, SCHEDULE, 3, 0, 0, 0.1),
    (AFTER, KILL, 3, 0, 0, 0.1),
    (900_000_000, SCHEDULE, 4, 0, 0, 0.1),
    # Killed before it ran; without a request; an alloc set, which is no job.
    (900_000_000, SUBMIT, 5, 0, 0, 0.1),
    (910_000_000, KILL, 5, 0, 0, 0.1),
    (900_000_000, SUBMIT, 6, 0, 0, None),
    (910_000_000, SCHEDULE, 6, 0, 0, None),
    (920_000_000, FINISH, 6, 0, 0, None),
    (910_000_000, SCHEDULE, 7, 0, 1, 0.3),
    (920_000_000, FINISH, 7, 0, 1, 0.3),
]
KEYS = ("time", "type", "collection_id", "instance_index", "collection_type")


def google_json(events: Sequence[tuple]) -> str:
    """As published: 64-bit numbers are text."""
    lines = []
    for *event, cpus in events:
        record = dict(zip(KEYS, event, strict=True)) | {"time": str(event[0]), "collection_id": str(event[2])}
        lines.append(json.dumps(record | ({} if cpus is None else {"resource_request": {"cpus": cpus, "memory": 0.1}})))
    return "\n".join(lines) + "\n"


def google_csv(events: Sequence[tuple]) -> str:
    rows = [",".join("" if cell is None else str(cell) for cell in event) for event in events]
    return "\n".join([",".join((*KEYS, "resource_request.cpus")), *rows]) + "\n"


@pytest.mark.parametrize("write", [google_json, google_csv])
@pytest.mark.parametrize("order", [1, -1])
def test_google_2019(tmp_path: Path, write, order: int) -> None:
    found = read("google-2019", tmp_path / "instance_events", write(GOOGLE[::order]))
    assert lengths(found) == [100, 3600]
    assert found.jobs.width.tolist() == [0.25, 0.25]
    assert (found.jobs.arrival == np.datetime64("2019-05-01T07:00:00")).all()  # midnight in California
    assert found.notes[1:] == (
        "instances that ask for no CPU, left out: 1",
        "instances that never ran, left out: 1",
        "instances that the trace cuts, left out: 3",
    )


def test_google_in_shards(tmp_path: Path) -> None:
    """The events of an instance may lie in several files."""
    files = []
    for shard in range(3):
        files.append(tmp_path / f"instance_events-{shard}.json")
        files[-1].write_text(google_json(GOOGLE[shard::3]), encoding="utf-8")
    assert lengths(read_trace("google-2019", files, TraceOptions())) == [100, 3600]


@pytest.mark.parametrize("time", [600_000, 5_000_000_000_000])
def test_google_times_in_another_unit_are_told(tmp_path: Path, time: int) -> None:
    with pytest.raises(InvalidInput, match=r"line 1, column 'time'.*microseconds"):
        read("google-2019", tmp_path / "events.json", google_json([(time, SUBMIT, 1, 0, 0, 0.1)]))


def test_jobs_of_a_part(tmp_path: Path) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC)
    part = read("plain", tmp_path / "jobs.csv", PAI_1K + "90000,60,1\n", start=start, hours=1)
    assert len(part.jobs) == 5
    assert len(part.times) == 1
