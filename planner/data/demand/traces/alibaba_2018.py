"""Alibaba cluster-trace-v2018, table batch_task: eight days of batch tasks, seconds since an unknown start.

Columns (the file has no header): task_name, instance_num, job_name, task_type, status, start_time, end_time, plan_cpu
(100 is a core), plan_mem. Source: github.com/alibaba/clusterdata, cluster-trace-v2018/schema.md.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.data.demand.series import DemandSeries
from planner.data.demand.traces.clock import since
from planner.data.demand.traces.counting import Source
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows, header, read_rows
from planner.data.demand.traces.tasks import Tasks, jobs_of
from planner.domain.instance import Floats

SOURCE = Source("Alibaba cluster-trace-v2018", "for research and study, by Alibaba")
LAYOUT = (
    *("task_name", "instance_num", "job_name", "task_type", "status"),
    *("start_time", "end_time", "plan_cpu", "plan_mem"),
)
PER_CORE = 100.0


def alibaba_2018(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """A job a task, as wide as its instances' cores. Tasks without a start, an end or cores are counted, not taken."""
    chunks = (_tasks(rows, options) for path in files for rows in _rows(path, LAYOUT))
    return jobs_of(chunks, options, SOURCE, unit="CPU")


def _rows(path: Path, layout: Sequence[str]) -> Iterator[Rows]:
    """The rows of a table that is published without its header, which some copies have."""
    named = header(path)[:1] == [layout[0]]
    return read_rows(path, layout, names=() if named else layout)


def _tasks(rows: Rows, options: TraceOptions) -> Tasks:
    return ran(rows, rows.numbers("instance_num", gaps=True) * rows.numbers("plan_cpu", gaps=True) / PER_CORE, options)


def ran(rows: Rows, width: Floats, options: TraceOptions) -> Tasks:
    """What the tables of Alibaba tell of a task: 0 or nothing stands for a start or an end that is not known."""
    start, end = (rows.numbers(name, lowest=-np.inf, gaps=True) for name in ("start_time", "end_time"))
    known = (start > 0) & (end > 0)
    kept, left_out = rows.where(known), {"tasks without a start or an end, left out": int((~known).sum())}
    names = key(kept, "job_name", "task_name")
    arrival = since(kept, "start_time", options)
    tasks = Tasks(arrival, (end - start)[known], np.nan_to_num(width)[known], names, left_out)
    tasks = tasks.only(tasks.seconds >= 0, "tasks that end before they start")
    return tasks.only(tasks.width > 0, "tasks that ask for nothing")


def key(rows: Rows, *columns: str) -> NDArray[np.uint64]:
    """(n,) a hash of what names a row; the same on every machine."""
    return np.asarray(pd.util.hash_pandas_object(rows.frame[list(columns)].astype(str), index=False), dtype=np.uint64)
