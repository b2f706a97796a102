"""A long time in pieces that a service answers at once, and the answers as one series again."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TypeVar

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.quality import within
from planner.data.carbon.readings import Readings, Repair, counted
from planner.data.carbon.repair import imported
from planner.data.carbon.series import Series
from planner.errors import UsageError

log = logging.getLogger("planner")

T = TypeVar("T")
Span = tuple[datetime, datetime]


def spans(start: datetime, end: datetime, longest: timedelta) -> Iterator[Span]:
    """[start, end) cut into pieces of at most `longest`. UsageError: it is empty."""
    if start >= end:
        raise UsageError(f"nothing lies between the start {start.isoformat()} and the end {end.isoformat()}")
    while start < end:
        stop = min(start + longest, end)
        yield start, stop
        start = stop


def piece(readings: Readings, handling: Handling, span: Span) -> Readings:
    """The rows that begin in the span, for services give one more at either end; they are named by the span too."""
    rows = within(readings, replace(handling, start=span[0], end=span[1]))
    at = f"answer from {stamp(span[0])} on, "
    findings = tuple(replace(f, where=at + f.where) for f in rows.findings)
    return replace(rows, where=tuple(at + w for w in rows.where), findings=findings)


def whole(parts: Sequence[Readings], handling: Handling) -> Series:
    """One series of the parts, each period of the span once; repairs are told to the log. InvalidInput.

    What a service documents to be its unit is not doubted, however clean or dirty the grid.
    """
    together = replace(
        parts[0],
        where=_all(p.where for p in parts),
        times=np.concatenate([p.times for p in parts]),
        values=np.concatenate([p.values for p in parts]),
        findings=_all(p.findings for p in parts),
        repairs=_all(p.repairs for p in parts),
    )
    done = imported([together], replace(handling, unit="g/kWh"))
    (series,) = done.series
    _tell(series, done.repairs)
    return series


def _tell(series: Series, repairs: Iterable[Repair]) -> None:
    """Repairs of the same kind as one; rows that were trimmed away do not count."""
    totals: Counter[str] = Counter()
    for repair in repairs:
        totals[repair.what] += repair.periods
    for what, periods in totals.items():
        log.info("repaired %s: %s (%s)", series.zone, what, counted(min(periods, len(series.times))))


def _all(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))


def stamp(time: datetime) -> str:
    """ISO 8601 in UTC to the minute, as all of the services read it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
