"""A shorter instance: some consecutive periods of a longer one."""

from dataclasses import replace

import numpy as np

from planner.domain.instance import Instance, Job, RequestLog, Vintages

SERIES = ("carbon_intensity_g_per_kwh", "requests", "servers", "price_usd_per_kwh", "fleet_limit")


def slice_periods(instance: Instance, first: int, periods: int) -> Instance:
    """Periods first .. first + periods - 1 with what is released in them; whatever waits is due by their end.

    Kept are the jobs that lie within and the vintages issued within. ValueError outside the horizon.
    """
    last = first + periods
    if not (first >= 0 and periods >= 1 and last <= instance.periods):
        raise ValueError(f"periods {first} to {last - 1} are not within 0 to {instance.periods - 1}")
    series = {name: getattr(instance, name) for name in SERIES}
    return instance.replace(
        name=f"{instance.name}[{first}:{last}]",
        start=instance.time(first),
        jobs=tuple(_moved(j, -first) for j in instance.jobs if first <= j.release and j.deadline < last),
        vintages=_vintages(instance.vintages, first, last),
        request_log=_log(instance, first, last),
        **{name: values[..., first:last] for name, values in series.items() if values is not None},
    )


def _moved(job: Job, periods: int) -> Job:
    return replace(job, release=job.release + periods, deadline=job.deadline + periods)


def _vintages(vintages: Vintages | None, first: int, last: int) -> Vintages | None:
    if vintages is None:
        return None
    kept = (first <= vintages.issued) & (vintages.issued < last)
    return Vintages(vintages.issued[kept] - first, vintages.values[kept]) if kept.any() else None


def _log(instance: Instance, first: int, last: int) -> RequestLog | None:
    log = instance.request_log
    if log is None:
        return None
    ends = np.concatenate([[0], np.cumsum(instance.requests.sum(axis=(0, 1)))])
    rows = slice(int(ends[first]), int(ends[last]))
    return RequestLog(log.origin[rows], log.workload[rows])
