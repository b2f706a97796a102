"""Alibaba's GPU traces: v2020 (table pai_task_table) and v2023 (openb_pod_list_*.csv).

v2020 has no header: job_name, task_name, inst_num, status, start_time, end_time, plan_cpu, plan_mem, plan_gpu (100 is a
GPU), gpu_type; its seconds, read as Unix time, give the true hour and weekday of a fake date. v2023 has a header, with
name, num_gpu, gpu_milli (the part of a single GPU), creation_time, scheduled_time and deletion_time in seconds.
Source: github.com/alibaba/clusterdata, cluster-trace-gpu-v2020 and cluster-trace-gpu-v2023.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.alibaba_2018 import key, ran
from planner.data.demand.traces.clock import since
from planner.data.demand.traces.counting import Source
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows, header, read_rows
from planner.data.demand.traces.tasks import Tasks, jobs_of

SOURCE = Source("Alibaba cluster-trace-gpu", "for research and study, by Alibaba")
OF_2020 = (
    *("job_name", "task_name", "inst_num", "status", "start_time"),
    *("end_time", "plan_cpu", "plan_mem", "plan_gpu", "gpu_type"),
)
OF_2023 = ("name", "num_gpu", "gpu_milli", "creation_time", "deletion_time", "scheduled_time")
PER_GPU_2020 = 100.0
PER_GPU_2023 = 1000.0


def alibaba_gpu(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A job a task that holds a GPU or a part of one. The others, and those that never ran, are counted, not taken."""
    return jobs_of(_tasks(files, options), options, SOURCE, unit="GPU")


def _tasks(files: Sequence[Path], options: TraceOptions) -> Iterator[Tasks]:
    for path in files:
        first = header(path)
        if "creation_time" in first:
            yield from (_of_2023(rows, options) for rows in read_rows(path, OF_2023))
        else:
            names = () if first[:1] == ["job_name"] else OF_2020
            yield from (_of_2020(rows, options) for rows in read_rows(path, OF_2020, names=names))


def _of_2020(rows: Rows, options: TraceOptions) -> Tasks:
    width = rows.numbers("inst_num", gaps=True) * rows.numbers("plan_gpu", gaps=True) / PER_GPU_2020
    return ran(rows, width, options)


def _of_2023(rows: Rows, options: TraceOptions) -> Tasks:
    gpus = rows.numbers("num_gpu")
    width = np.where(gpus == 1, rows.numbers("gpu_milli") / PER_GPU_2023, gpus)
    seconds = rows.numbers("deletion_time", gaps=True) - rows.numbers("scheduled_time", gaps=True)
    tasks = Tasks(since(rows, "creation_time", options), seconds, width, key(rows, "name"))
    tasks = tasks.only(~np.isnan(tasks.seconds), "tasks that never ran or never ended")
    tasks = tasks.only(tasks.seconds >= 0, "tasks that end before they start")
    return tasks.only(tasks.width > 0, "tasks without a GPU")
