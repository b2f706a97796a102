"""A demand series in place of the demand of an instance's workloads."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from planner.data.demand.jobs import job_batches
from planner.data.demand.placing import Placing
from planner.data.demand.series import DAY_MINUTES, DemandSeries
from planner.data.demand.traces.counting import carried
from planner.domain.instance import Floats, Instance, Ints
from planner.errors import InvalidInput, UsageError

Targets = dict[int, list[int]]  # workloads of the instance, each with those of the series that become its demand


def with_demand(instance: Instance, series: DemandSeries, placing: Placing) -> Instance:
    """The instance with the demand of some workloads, requests and jobs, replaced by that of the series.

    UsageError: a name that is not there, or a horizon that the series does not fill. InvalidInput: steps that do not
    fit, or nothing left of the series.
    """
    targets = _targets(instance, series, placing)
    shares = {w: _shares(instance, w, placing.origin) for w in targets}
    first = _first(instance, series, placing)
    replaced = {instance.workloads[w].name for w in targets}
    requests = instance.requests.copy()
    requests[list(targets)] = 0
    jobs = tuple(job for job in instance.jobs if job.workload not in replaced)
    notes = (*instance.notes, _origin_note(series, sorted(replaced), first, placing), *series.notes)
    if series.jobs is None:
        counts = in_periods(instance, series, placing)
        for w, rows in targets.items():
            requests[w] = _split(carried(counts[rows].sum(axis=0)), shares[w])
    else:
        target = {row: w for w, rows in targets.items() for row in rows}
        placed, told = job_batches(instance, series.jobs, first, target=target, shares=shares, placing=placing)
        jobs, notes = (*jobs, *placed), (*notes, *told)
    if not requests.any() and not jobs:
        raise InvalidInput("series", f"no demand from {_said(first)} on", "some in the instance's horizon")
    return instance.replace(requests=requests, jobs=jobs, request_log=None, notes=notes)


def _split(counts: Ints, shares: Floats) -> Ints:
    """(O,T) whole requests, as many in every period as there are."""
    return carried(counts[:, None] * shares).T


def _targets(instance: Instance, series: DemandSeries, placing: Placing) -> Targets:
    names = [w.name for w in instance.workloads]
    asked = dict(placing.workloads)
    if not asked:
        asked = {names[0]: None} if len(names) == 1 else {name: name for name in series.workloads}
    for name, column in asked.items():
        _require(name, names, "the instance")
        _require(column or series.workloads[0], series.workloads, "the series")
    every = list(range(len(series.workloads)))
    return {names.index(n): every if c is None else [series.workloads.index(c)] for n, c in asked.items()}


def _require(name: str, names: Sequence[str], holder: str) -> None:
    if name not in names:
        shown = ", ".join(names)
        raise UsageError(f"{holder} has no workload '{name}'; it has {shown} (--workload OF_INSTANCE=OF_SERIES)")


def _shares(instance: Instance, workload: int, origin: str | None) -> Floats:
    """(O,) of the origins in the demand; they sum to 1."""
    if origin is None:
        before = instance.requests[workload].sum(axis=1).astype(np.float64)
        before = before if before.any() else np.ones(len(instance.origins))
        return np.asarray(before / before.sum())
    if origin not in instance.origins:
        raise UsageError(f"the instance has no origin '{origin}'; it has {', '.join(instance.origins)}")
    return np.array([float(name == origin) for name in instance.origins])


def in_periods(instance: Instance, series: DemandSeries, placing: Placing) -> Floats:
    """(W,T) the counts of a series in the instance's periods, as they are placed. UsageError, InvalidInput."""
    first = _first(instance, series, placing)
    return _of_periods(instance, series, first, repeat=placing.repeat) * placing.scale


def _first(instance: Instance, series: DemandSeries, placing: Placing) -> datetime:
    """The instant of the series that becomes the instance's start; jobs need not have begun to come by then."""
    counts, day = series.jobs is None, timedelta(days=1)
    earliest = series.start if counts else min(series.start, instance.start)
    if placing.at is not None:
        if placing.at >= series.end or (counts and placing.at < earliest):
            span = f"{_said(series.start)} to {_said(series.end)}"
            raise UsageError(f"{_said(placing.at)} is not in the series, which has {span}")
        return placing.at
    if earliest <= instance.start < series.end and series.start < instance.time(instance.periods):
        return instance.start
    same_clock = series.start + (instance.start - series.start) % day
    if counts:
        return same_clock if same_clock < series.end else series.start
    return same_clock if same_clock == series.start else same_clock - day


def _of_periods(instance: Instance, series: DemandSeries, first: datetime, *, repeat: bool) -> Floats:
    """(W,T) requests of the series in the instance's periods."""
    step = instance.step_minutes
    if step % series.step_minutes:
        remedy = f"a part of {step} minutes: read the trace with --step {step}"
        raise InvalidInput("step", f"{series.step_minutes} minutes", remedy)
    period = np.floor_divide(series.times.astype(np.int64) - int(first.timestamp()), step * 60)
    counts = np.zeros((len(series.workloads), int(period[-1] - period[0]) + 1))
    np.add.at(counts.T, period - period[0], series.requests.T)
    return np.asarray(counts[:, _order(-int(period[0]), counts.shape[1], instance, repeat=repeat)])


def _order(offset: int, steps: int, instance: Instance, *, repeat: bool) -> Ints:
    """(T,) which of the series' steps the periods take."""
    order = offset + np.arange(instance.periods)
    if order[-1] < steps:
        return order
    if not repeat:
        have, need = ((n * instance.step_hours) for n in (steps - offset, instance.periods))
        raise UsageError(
            f"the series has {have:g} of the {need:g} hours that the instance needs; --repeat begins it again"
        )
    day = DAY_MINUTES // instance.step_minutes
    return np.asarray(order % (steps // day * day or steps))


def _origin_note(series: DemandSeries, workloads: Sequence[str], first: datetime, placing: Placing) -> str:
    times = "" if placing.scale == 1 else f", times {placing.scale:g}"
    return f"Demand of {', '.join(workloads)}: {series.source} ({series.licence}) from {_said(first)} on{times}."


def _said(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%MZ}"
