"""From rows to a series without a hole: what the user allowed is repaired and counted, the rest is an error."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.data.carbon.handling import Handling
from planner.data.carbon.quality import findings, grid, step_minutes, within
from planner.data.carbon.readings import Finding, Readings, Repair
from planner.data.carbon.series import Series, Times
from planner.domain.instance import Floats
from planner.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Imported:
    """The series of a file, and every repair that was made on the way."""

    series: tuple[Series, ...]
    repairs: tuple[Repair, ...]


def imported(zones: Sequence[Readings], handling: Handling) -> Imported:
    """A series a zone. InvalidInput for the first thing that is wrong and that `handling` does not repair."""
    series: list[Series] = []
    repairs: list[Repair] = []
    for readings in zones:
        one, done = repaired(readings, handling)
        series += [] if one is None else [one]
        repairs += done
    if not series:
        found = ", ".join(f"{repair.zone}: {repair.periods}" for repair in repairs)
        raise InvalidInput("file", f"periods missing in every zone ({found}), so that all were dropped", "a whole zone")
    return Imported(tuple(series), tuple(repairs))


def repaired(readings: Readings, handling: Handling) -> tuple[Series | None, list[Repair]]:
    """The series, None where the zone is dropped, and the repairs. InvalidInput for what may not be repaired."""
    found = findings(readings, handling)
    gaps = [f for f in found if f.code == "missing"]
    if gaps and handling.missing == "drop-region":
        return None, [Repair(readings.zone, "dropped: missing", sum(f.periods for f in gaps))]
    for finding in found:
        if finding.code not in _allowed(handling):
            raise finding.error()
    rows, told = within(readings, handling), readings.publication
    times, step = grid(rows, handling), step_minutes(rows.times)
    _fillable(gaps, step, handling)
    values = _filled(_each_time_once(rows, handling), times, gaps)
    one = Series(readings.zone, times, step, values, told.source, told.licence, told.unit, readings.kind)
    return one, [*readings.repairs, *_counted(readings.zone, found, handling)]


def _allowed(handling: Handling) -> set[str]:
    """The codes of what is repaired: rows out of order always, the rest where the user said how."""
    said = {
        "missing": handling.missing == "interpolate",
        "duplicate": handling.duplicates != "error",
        "negative": handling.negative != "error",
    }
    return {"order"} | {code for code, allowed in said.items() if allowed}


KEPT = {"error": "", "first": "first kept", "last": "last kept", "mean": "averaged"}


def _counted(zone: str, found: Sequence[Finding], handling: Handling) -> list[Repair]:
    how = {
        "order": "put in order",
        "missing": "missing: interpolated",
        "duplicate": f"duplicate: {KEPT[handling.duplicates]}",
        "negative": f"negative: {'set to 0' if handling.negative == 'clip' else 'taken as missing'}",
    }
    totals = {code: sum(f.periods for f in found if f.code == code) for code in how}
    return [Repair(zone, how[code], total) for code, total in totals.items() if total]


def _each_time_once(readings: Readings, handling: Handling) -> Readings:
    """The rows that hold a value in order, one a time: the first, the last, or their mean."""
    known = np.flatnonzero(~np.isnan(readings.values))
    ordered = readings.taken(known[np.argsort(readings.times[known], kind="stable")])
    times, first, group = np.unique(ordered.times, return_index=True, return_inverse=True)
    if handling.duplicates == "last":
        first = np.append(first[1:], len(ordered.times)) - 1
    if handling.duplicates == "mean":
        counts = np.bincount(group, minlength=len(times))
        ordered = replace(ordered, values=(np.bincount(group, weights=ordered.values) / counts)[group])
    return ordered.taken(first)


def _fillable(gaps: Sequence[Finding], step: int, handling: Handling) -> None:
    """InvalidInput for a gap too long to interpolate."""
    for gap in gaps:
        if gap.periods * step > handling.max_gap_hours * 60:
            limit = f"at most {handling.max_gap_hours:g} hours to interpolate (--max-gap)"
            raise replace(gap, expected=limit).error()


def _filled(rows: Readings, times: Times, gaps: Sequence[Finding]) -> Floats:
    """(T,) a value a period, straight between its neighbours where it is missing. InvalidInput where one has none."""
    at, needed = rows.times.astype(np.int64), times.astype(np.int64)
    if not at.size or at[0] > needed[0] or at[-1] < needed[-1]:
        edge = gaps[0] if not at.size or at[0] > needed[0] else gaps[-1]
        raise replace(edge, expected="a value on either side to interpolate (or --start and --end without it)").error()
    return np.interp(needed, at, rows.values)
