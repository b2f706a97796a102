"""Azure Functions trace 2019: invocations_per_function_md.anon.d01.csv to d14, a column a minute of a day.

Columns: HashOwner, HashApp, HashFunction, Trigger, 1 .. 1440. Day 1 is 2019-07-15 (Shahrad et al., USENIX ATC 2020),
its time zone not published: taken as UTC. Source: Azure/AzurePublicDataset, CC-BY-4.0.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from planner.data.demand.series import DAY_MINUTES, DemandSeries
from planner.data.demand.traces.counting import Arrivals, Source, counted
from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows, read_rows
from planner.domain.instance import Floats
from planner.errors import InvalidInput

SOURCE = Source("Azure Functions trace 2019", "CC-BY-4.0")
DAY_1 = datetime(2019, 7, 15, tzinfo=UTC)
MINUTES = [str(minute) for minute in range(1, DAY_MINUTES + 1)]
DAY = re.compile(r"\.d(\d\d)\.csv")


def azure_functions(files: Sequence[Path], options: TraceOptions) -> DemandSeries:
    """Invocations by trigger (http, timer, queue, ...). InvalidInput: a day twice, or a name that tells no day."""
    days = [_day(path) for path in files]
    again = [path for i, path in enumerate(files) if days[i] in days[:i]]
    if again:
        raise InvalidInput("file", "a day that another file has too", "every day once", str(again[0]))
    return counted(_arrivals(files, days, options), options, SOURCE)


def _day(path: Path) -> int:
    found = DAY.search(path.name)
    if not found:
        raise InvalidInput("file", "a name that tells no day", "one with .d01.csv to .d14.csv, as published", str(path))
    return int(found[1])


def _arrivals(files: Sequence[Path], days: Sequence[int], options: TraceOptions) -> Iterator[Arrivals]:
    for path, day in zip(files, days, strict=True):
        begin = (options.epoch or DAY_1).timestamp() + (day - 1) * DAY_MINUTES * 60
        for rows in read_rows(path, ["Trigger", *MINUTES]):
            yield from _by_trigger(rows, np.asarray(begin + 60.0 * np.arange(DAY_MINUTES)))


def _by_trigger(rows: Rows, minutes: Floats) -> Iterator[Arrivals]:
    """One function's minute after the other would be 1,440 times as many rows; summed first, it is as many triggers."""
    triggers = rows.text("Trigger")
    counts = rows.block(MINUTES)
    for trigger in np.unique(triggers.astype(str)):
        name = np.full(DAY_MINUTES, trigger, dtype=object)
        yield Arrivals(name, minutes, counts[triggers == trigger].sum(axis=0))
