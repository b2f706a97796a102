"""The arrays of an instance document, from names to the axes of `Instance`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from planner.domain.instance import Floats, Ints, RequestLog, Vintages
from planner.errors import InvalidInput
from planner.io.clock import format_utc, parse_utc
from planner.io.pointer import describe, pointer
from planner.io.schema import ForecastDocument, InstanceDocument, RequestLogDocument
from planner.io.series import LARGEST, Rule, known_keys, numbers, table

CARBON = Rule(remedy="clip negative intensities to 0")
WHOLE = Rule(whole=True)
PRICE = Rule(lowest=None)
SERIES = "/carbon_intensity_g_per_kwh"


def carbon(document: InstanceDocument) -> Floats:
    """(R,T); its first array says how many periods there are."""
    regions = [r.name for r in document.regions]
    first = document.carbon_intensity_g_per_kwh.get(regions[0])
    where = f"{SERIES}{pointer(regions[0])}"
    periods = len(first) if isinstance(first, list) else 1
    if periods == 0:
        raise InvalidInput(where, "no values", "one value per period")
    reason = f", as many as {where} has"
    return table(
        document.carbon_intensity_g_per_kwh, regions, SERIES, CARBON, kind="region", length=periods, reason=reason
    )


def matrix(given: Mapping[str, Mapping[str, float]], rows: Sequence[str], columns: Sequence[str], where: str) -> Floats:
    """(rows, columns) numbers by name of origin, then region; all must be there."""
    known_keys(given, rows, where, "origin")
    for row in rows:
        if row not in given:
            raise InvalidInput(where, f"no key '{row}'", "an object for every origin")
        known_keys(given[row], columns, f"{where}{pointer(row)}", "region")
        absent = [c for c in columns if c not in given[row]]
        if absent:
            raise InvalidInput(f"{where}{pointer(row)}", f"no key '{absent[0]}'", "a number for every region")
    return np.array([[given[r][c] for c in columns] for r in rows], dtype=np.float64).reshape(len(rows), len(columns))


def requests(document: InstanceDocument, periods: int) -> Ints:
    """(W,O,T) counts; what is not named is zero."""
    workloads, origins = [w.name for w in document.workloads], document.origins
    known_keys(document.requests, workloads, "/requests", "workload")
    counts = np.zeros((len(workloads), len(origins), periods), dtype=np.int64)
    for w, workload in enumerate(workloads):
        given, where = document.requests.get(workload, {}), f"/requests{pointer(workload)}"
        known_keys(given, origins, where, "origin")
        for origin, values in given.items():
            at = f"{where}{pointer(origin)}"
            counts[w, origins.index(origin)] = numbers(values, at, WHOLE, length=periods, reason=_one_each(periods))
    return counts


def servers(document: InstanceDocument, periods: int) -> Floats:
    """(P,T) available servers, infinite where a pool is not named."""
    pools = [p.name for p in document.pools]
    known_keys(document.servers, pools, "/servers", "pool")
    available = np.full((len(pools), periods), np.inf)
    for p, pool in enumerate(pools):
        if pool in document.servers:
            available[p] = whole_or_counts(document.servers[pool], f"/servers{pointer(pool)}", periods)
    return available


def whole_or_counts(value: Any, where: str, periods: int) -> Floats:
    """(T,) one whole number for all periods, or one for each."""
    if isinstance(value, list):
        return numbers(value, where, WHOLE, length=periods, reason=_one_each(periods))
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise InvalidInput(where, describe(value), f"{WHOLE.expected}, or an array with one for each period")
    return np.full(periods, float(value))


def price(document: InstanceDocument, periods: int) -> Floats | None:
    """(R,T) USD per kWh, negative in some markets; None where not given."""
    if document.price_usd_per_kwh is None:
        return None
    names = [r.name for r in document.regions]
    where, reason = "/price_usd_per_kwh", _one_each(periods)
    return table(document.price_usd_per_kwh, names, where, PRICE, kind="region", length=periods, reason=reason)


def vintages(document: ForecastDocument, regions: Sequence[str], periods: int) -> Vintages:
    """The recorded forecasts: every issue has every region, and all have one horizon."""
    where = "/forecast/carbon_intensity_g_per_kwh"
    issued = numbers(document.issued, "/forecast/issued", Rule(whole=True, highest=periods - 1))
    if len(issued) == 0 or (np.diff(issued) <= 0).any():
        raise InvalidInput("/forecast/issued", describe(document.issued), "periods in ascending order, at least one")
    given = document.carbon_intensity_g_per_kwh
    known_keys(given, regions, where, "region")
    absent = [r for r in regions if r not in given]
    if absent:
        raise InvalidInput(where, f"no key '{absent[0]}'", "an array of issues for every region")
    values = [_issues(given[r], f"{where}{pointer(r)}", len(issued), _horizon(given[regions[0]])) for r in regions]
    return Vintages(issued=issued.astype(np.int64), values=np.array(values).transpose(1, 0, 2))


def _issues(rows: Any, where: str, issues: int, horizon: int) -> Floats:
    if not isinstance(rows, list) or len(rows) != issues:
        raise InvalidInput(where, describe(rows), f"{issues} arrays, one for each of /forecast/issued")
    reason = ", the horizon of the first issue"
    return np.array([numbers(x, f"{where}/{i}", CARBON, length=horizon, reason=reason) for i, x in enumerate(rows)])


def _horizon(rows: Any) -> int:
    return max(1, len(rows[0])) if isinstance(rows, list) and rows and isinstance(rows[0], list) else 1


def request_log(document: RequestLogDocument, counts: Ints) -> RequestLog:
    """The log, after checking that its histogram is `counts` (W,O,T), period by period."""
    workloads, origins, periods = counts.shape
    total = int(counts.sum())
    reason = f", as many as /requests counts over {periods} periods"
    of = {"origin": (document.origin, origins), "workload": (document.workload, workloads)}
    origin, workload = (
        numbers(x, f"/request_log/{k}", Rule(whole=True, highest=n - 1), length=total, reason=reason).astype(np.int64)
        for k, (x, n) in of.items()
    )
    period = np.repeat(np.arange(periods), counts.sum(axis=(0, 1)))
    logged = np.zeros_like(counts)
    np.add.at(logged, (workload, origin, period), 1)
    if (logged != counts).any():
        w, o, t = (int(x) for x in np.argwhere(logged != counts)[0])
        place = f"{logged[w, o, t]} requests of workload {w} from origin {o} in period {t}"
        raise InvalidInput("/request_log", place, f"{counts[w, o, t]}, as /requests counts")
    return RequestLog(origin=origin, workload=workload)


def check_times(times: Any, start: datetime, step_minutes: int, periods: int) -> None:
    """InvalidInput at the first time that does not follow the one before it by a step."""
    if not isinstance(times, list) or len(times) != periods:
        raise InvalidInput("/times", describe(times), f"{periods} times, one per period")
    for i, text in enumerate(times):
        due = start + timedelta(minutes=step_minutes * i)
        time = parse_utc(text, f"/times/{i}")
        if time != due:
            kind = "a gap in time" if time > due else "a time that repeats or goes back"
            raise InvalidInput(f"/times/{i}", f"{text!r}, {kind}", f"'{format_utc(due)}', {i} steps from /start")


def _one_each(periods: int) -> str:
    return f", one for each of the {periods} periods"
