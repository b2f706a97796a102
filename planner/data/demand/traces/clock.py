"""Times of a trace, as numbers since an epoch or as ISO 8601, -> seconds since 1970, UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from planner.data.demand.traces.options import PER_SECOND, TraceOptions
from planner.data.demand.traces.tables import Rows
from planner.domain.instance import Floats
from planner.errors import UsageError

UNIX = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()
SAYS_ITS_ZONE = r"(?:[Zz]|[+-]\d\d:?\d\d)$"
HIGHEST_TIME = 1e19  # nanoseconds of the year 2286
ISO = "a time in ISO 8601 such as 2026-01-01T00:00:00Z"


def instants(rows: Rows, column: str, options: TraceOptions) -> Floats:
    """(n,) seconds since 1970: numbers in the unit and since the epoch of the options, or ISO 8601 times."""
    rows.refuse(column, rows.frame[column].isna().to_numpy(), "a time")
    if _numeric(rows, column):
        return since(rows, column, options, unit=options.unit)
    cells = rows.frame[column].astype(str)
    zoned = cells.str.contains(SAYS_ITS_ZONE, regex=True).to_numpy(dtype=bool)
    stamps = pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce")
    rows.refuse(column, stamps.isna().to_numpy(), ISO)
    local = _local(stamps, options)
    rows.refuse(column, local.isna().to_numpy() & ~zoned, f"a time that the clocks of {options.time_zone} show")
    seconds = np.where(zoned, _seconds(stamps), _seconds(local))
    rows.refuse(column, (seconds < 0) | (seconds >= LAST), "a time between 1970 and 2200")
    return seconds


def repeated(rows: Rows, column: str, options: TraceOptions) -> dict[str, int]:
    """As a repair: how many times lie in an hour that a clock change repeats; they are taken as the earlier."""
    if zone(options).key == "UTC" or _numeric(rows, column):
        return {}
    cells = rows.frame[column].astype(str)
    unzoned = pd.to_datetime(cells[~cells.str.contains(SAYS_ITS_ZONE, regex=True)], format="ISO8601", utc=True)
    earlier, later = (_seconds(_local(unzoned, options, earlier=first)) for first in (True, False))
    return {"times in an hour that clocks repeat, taken as the earlier": int((earlier != later).sum())}


def _local(
    stamps: "pd.Series[pd.Timestamp]", options: TraceOptions, *, earlier: bool = True
) -> "pd.Series[pd.Timestamp]":
    """What the clocks of the options' zone show at these times, in UTC; NaT where they skip one."""
    dst = np.full(len(stamps), earlier, dtype=np.bool_)
    local = stamps.dt.tz_localize(None).dt.tz_localize(zone(options), ambiguous=dst, nonexistent="NaT")
    return local.dt.tz_convert("UTC")


def since(rows: Rows, column: str, options: TraceOptions, *, unit: str = "s", epoch: datetime = UNIX) -> Floats:
    """(n,) seconds since 1970 of numbers in a `unit`; `epoch` is the instant of 0 unless the options say another."""
    values = rows.numbers(column, highest=HIGHEST_TIME)
    seconds = values / PER_SECOND[unit] + (options.epoch or epoch).timestamp()
    late = seconds >= LAST
    if late.any():
        rows.refuse(column, late, f"a time before the year 2200 in {unit}{_hint(float(values[late][0]))}")
    return seconds


def zone(options: TraceOptions) -> ZoneInfo:
    """The zone of times that name none. UsageError: there is no such zone."""
    try:
        return ZoneInfo(options.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"no time zone '{options.time_zone}'; use a name such as Europe/Berlin") from None


def _numeric(rows: Rows, column: str) -> bool:
    """Whether the first cell is a number."""
    return bool(pd.to_numeric(rows.frame[column].iloc[:1], errors="coerce").notna().all())


def _hint(value: float) -> str:
    """The unit in which a number would be a time of our days."""
    fits = [unit for unit, per_second in PER_SECOND.items() if value / per_second < LAST]
    return f" (in {fits[0]}? say --unit {fits[0]})" if fits else ""


def _seconds(stamps: "pd.Series[pd.Timestamp]") -> Floats:
    """(n,) whole seconds of times in UTC, NaN for none; a fraction would round a nanosecond before the hour into it."""
    seconds = (stamps.dt.floor("s") - pd.Timestamp(UNIX)) / pd.Timedelta(seconds=1)
    return np.asarray(seconds, dtype=np.float64)
