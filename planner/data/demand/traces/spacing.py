"""Traces that are series themselves: rows at equal distances, each once, and steps that hold whole rows."""

from collections.abc import Iterable, Iterator

import pandas as pd

from planner.data.demand.traces.options import TraceOptions
from planner.data.demand.traces.tables import Rows
from planner.errors import UsageError


def whole_windows(options: TraceOptions, minutes: int) -> None:
    """UsageError where a step is not some of the trace's own windows."""
    if options.step_minutes % minutes:
        raise UsageError(f"a step of {options.step_minutes} minutes: the trace has {minutes}, so take a multiple of it")


def each_once(chunks: Iterable[Rows], column: str, *, also: str) -> Iterator[Rows]:
    """The same rows. InvalidInput where one has the `column` (and, where it is there, `also`) of an earlier one."""
    seen = pd.Series(dtype=object)
    for rows in chunks:
        named = [name for name in (also, column) if name in rows]
        keys = pd.Series(list(rows.frame[named].itertuples(index=False, name=None)), dtype=object)
        seen = pd.concat([seen, keys])
        rows.refuse(column, seen.duplicated().to_numpy()[-len(keys) :], "every row once")
        yield rows
