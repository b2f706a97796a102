"""What is wrong with the rows of a zone: one list of checks, whatever the format."""

from collections.abc import Callable, Iterator

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.levels import level, scale
from planner.data.carbon.readings import Finding, Readings, counted
from planner.data.carbon.series import Times, as_datetime, as_instant, iso
from planner.domain.instance import Bools, Ints
from planner.errors import InvalidInput

MINUTE = np.timedelta64(60, "s")
DAY_MINUTES = 1440
MOST_PERIODS = 2_000_000  # 19 years of five minutes
CHANGE_MONTHS = (3, 4, 9, 10, 11)  # when clocks change, north and south
CHANGE_HOURS = range(4)
REMEDY_CLOCK = "UTC: --timezone NAME where the times are local, --timezone UTC where they are not"


def findings(readings: Readings, handling: Handling) -> tuple[Finding, ...]:
    """Everything wrong with the rows within the wanted span; first the cells, then times, gaps and levels."""
    kept = within(readings, handling)
    rows = set(kept.where)
    found = [f for f in readings.findings if f.where.split(", ")[0] in rows]
    for check in CHECKS:
        found.extend(check(kept, handling))
    return tuple(found)


def within(readings: Readings, handling: Handling) -> Readings:
    """The rows of the wanted span, and those without a readable time. InvalidInput where none is left."""
    times = readings.times
    out = np.zeros(len(times), dtype=np.bool_)
    if handling.start is not None:
        out |= times < as_instant(handling.start)
    if handling.end is not None:
        out |= times >= as_instant(handling.end)
    if np.isnat(times).all() and readings.findings:
        raise readings.findings[0].error()
    if np.isnat(times[~out]).all():
        raise InvalidInput(f"{readings.zone}, times", _span(times), "rows with times in the span that is wanted")
    return readings.taken(np.flatnonzero(~out)) if out.any() else readings


def step_minutes(times: Times) -> int:
    """The most common step between the times. InvalidInput where it is no whole part of a day."""
    gaps = np.diff(np.unique(times[~np.isnat(times)]))
    if not gaps.size:
        raise InvalidInput("times", "a single time", "at least two, to tell how long a period is")
    sizes, counts = np.unique(gaps, return_counts=True)
    minutes, rest = divmod(int(sizes[counts.argmax()].astype(int)), 60)
    if rest or minutes > DAY_MINUTES or DAY_MINUTES % minutes:
        raise InvalidInput("times", f"steps of {sizes[counts.argmax()]}", "steps of minutes that divide a day")
    return minutes


def grid(readings: Readings, handling: Handling) -> Times:
    """(T,) the starts of all periods that must be there: of the wanted span, else from first to last row."""
    times = readings.times[~np.isnat(readings.times)]
    step = step_minutes(times) * MINUTE
    start = _phase(times, step) if handling.start is None else as_instant(handling.start)
    end = times.max() + step if handling.end is None else as_instant(handling.end)
    if (end - start) / step > MOST_PERIODS:
        rows = [readings.where[int((readings.times == time).argmax())] for time in (times.min(), times.max())]
        found = f"{iso(start)} to {iso(end)}, {(end - start) / step:.3g} periods"
        raise InvalidInput(f"{readings.zone}, {rows[0]} to {rows[1]}", found, f"at most {MOST_PERIODS}: a wrong year?")
    return np.arange(start, end, step)


def _phase(times: Times, step: np.timedelta64) -> np.datetime64:
    """The earliest time that lies on the grid of most rows."""
    offsets = times.astype(np.int64) % step.astype(np.int64)
    values, counts = np.unique(offsets, return_counts=True)
    return np.datetime64(times[offsets == values[counts.argmax()]].min(), "s")


def order(readings: Readings, handling: Handling) -> Iterator[Finding]:  # noqa: ARG001 - a check like the others
    """Rows that stand before an earlier one; harmless, and put in order."""
    back = np.flatnonzero(np.diff(readings.times) < np.timedelta64(0, "s"))
    if back.size:
        found = f"{iso(readings.times[back[0] + 1])} after {iso(readings.times[back[0]])}"
        yield Finding("order", readings.zone, readings.where[back[0] + 1], found, "rows in order", int(back.size))


def off_grid(readings: Readings, handling: Handling) -> Iterator[Finding]:
    """Rows whose time is no start of a period."""
    step = step_minutes(readings.times)
    first = grid(readings, handling)[0]
    with np.errstate(invalid="ignore"):
        off = (readings.times - first).astype(np.int64) % (step * 60) != 0
    for i in np.flatnonzero(off & ~np.isnat(readings.times)):
        expected = f"a time every {step} minutes from {iso(first)}"
        yield Finding("step", readings.zone, readings.where[i], iso(readings.times[i]), expected)


def repeated(readings: Readings) -> Bools:
    """Which rows have a time that an earlier row has."""
    _, first = np.unique(readings.times, return_index=True)
    again = ~np.isnat(readings.times)
    again[first] = False
    return again


def duplicates(readings: Readings, handling: Handling) -> Iterator[Finding]:  # noqa: ARG001 - a check like the others
    """Rows with the time of an earlier one, and the two values."""
    for i in np.flatnonzero(repeated(readings)).tolist():
        before = int((readings.times == readings.times[i]).argmax())
        value = f"{readings.values[i]:g} beside {readings.values[before]:g} in {readings.where[before]}"
        found = f"{iso(readings.times[i])} again: {value}"
        changed = not readings.clock_stated and _clock_change(readings.times[i])
        code, remedy = ("daylight-saving", f"one row an hour: a day of 25 hours? {REMEDY_CLOCK}") if changed else _ONCE
        yield Finding(code, readings.zone, readings.where[i], found, remedy)


_ONCE = ("duplicate", "every time once (or --duplicates first, last or mean)")


def missing(readings: Readings, handling: Handling) -> Iterator[Finding]:
    """Periods without a row, or whose rows hold no value; one finding a gap."""
    wanted, step = grid(readings, handling), step_minutes(readings.times)
    known = readings.times[~np.isnan(readings.values)]
    for run in _runs(np.flatnonzero(~np.isin(wanted, known))):
        first, last = wanted[run[0]], wanted[run[-1]]
        rows = np.flatnonzero(readings.times == first)
        span = iso(first) if len(run) == 1 else f"{iso(first)} to {iso(last)}"
        found = f"{span}: {_why(readings, rows)} ({counted(len(run))})"
        change = not readings.clock_stated and not rows.size and len(run) * step == 60 and _clock_change(first)
        code, remedy = ("daylight-saving", f"24 hours a day: {REMEDY_CLOCK}") if change else _THERE
        yield Finding(code, readings.zone, _place(readings, first, rows), found, remedy, len(run))


_THERE = ("missing", "a value every period (or --missing interpolate or drop-region)")


def _why(readings: Readings, rows: Ints) -> str:
    """Why a period has no value; `rows` are those of its time."""
    return readings.unusable.get(readings.where[int(rows[0])], "no value") if rows.size else "no row"


def _place(readings: Readings, time: np.datetime64, rows: Ints) -> str:
    if rows.size:
        return readings.where[int(rows[0])]
    before = np.flatnonzero(readings.times < time)
    if not before.size:
        return "before the first row"
    return f"after {readings.where[int(before[readings.times[before].argmax()])]}"


def _clock_change(time: np.datetime64) -> bool:
    """Whether clocks change at such a time: early on a Sunday, in spring or autumn."""
    local = as_datetime(time)
    return local.weekday() == 6 and local.month in CHANGE_MONTHS and local.hour in CHANGE_HOURS


def _runs(indices: Ints) -> list[Ints]:
    """Consecutive indices together."""
    return [run for run in np.split(indices, np.flatnonzero(np.diff(indices) > 1) + 1) if run.size]


def _span(times: Times) -> str:
    known = times[~np.isnat(times)]
    return f"{iso(known.min())} to {iso(known.max())}" if known.size else "no time that can be read"


CHECKS: tuple[Callable[[Readings, Handling], Iterator[Finding]], ...] = (
    order,
    off_grid,
    duplicates,
    missing,
    scale,
    level,
)
