"""First part of the Lagrangian: each batch on its own takes the cheapest of its options, or is missed."""

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from planner.domain.instance import Bools, Floats
from planner.verify.menus import Menu, menus, released_jobs
from planner.verify.prices import Prices
from planner.verify.rounding import lowered_mean, lowered_sum
from planner.verify.site import Site


def demand_bound(site: Site, prices: Prices, apart: Bools) -> Iterator[Floats]:
    """At most what each batch of a stretch pays, infinite where it has no option and may not be missed.

    Count batches of the workloads `apart` (W,) are left out.
    """
    jobs = released_jobs(site, prices.stretch)
    pairs = site.jobs.workload[jobs], site.jobs.origin[jobs]
    for menu in menus(site, prices):
        if not apart[menu.workload]:
            yield _counts(site, menu)
        for j in jobs[(pairs[0] == menu.workload) & (pairs[1] == menu.origin)].tolist():
            unit = (_contiguous if site.jobs.contiguous[j] else _interruptible)(site, menu, j)
            yield _times(site.jobs.requests[[j]], np.array([unit]))


def _times(requests: np.ndarray, price: Floats) -> Floats:
    finite = np.isfinite(price)
    return np.where(finite, lowered_sum((requests, np.where(finite, price, 0.0))), price)


def _counts(site: Site, menu: Menu) -> Floats:
    """Count batches by release: a sliding-window minimum up to the deadline, then lateness step by step."""
    instance = site.instance
    requests = instance.requests[menu.workload, menu.origin, menu.stretch.released]
    slack = instance.workloads[menu.workload].slack_periods
    best = np.minimum(window_minimum(menu.best_on_time, slack + 1), menu.missed)
    for delay in range(1, instance.grace_periods + 1):
        delayed = menu.delayed(menu.best_late[slack + delay :], delay)
        best[: len(delayed)] = np.minimum(best[: len(delayed)], delayed)
    asked = requests > 0
    return _times(requests[asked], best[: len(requests)][asked])


def window_minimum(values: Floats, width: int) -> Floats:
    """(T,) minimum of values[t : t + width], by doubling the window; it ends with the values."""
    out, reach = values.copy(), 1
    while reach < min(width, len(out)):
        step = min(reach, width - reach)
        out[:-step] = np.minimum(out[:-step], out[step:])
        reach += step
    return out


def _contiguous(site: Site, menu: Menu, j: int) -> float:
    """The cheapest (route, start): the mean of its periods, late as a whole where its last one is past the deadline."""
    length, deadline = int(site.jobs.length[j]), int(site.jobs.deadline[j])
    release, end = int(site.jobs.release[j]), _latest(site, j) + 1
    if not len(menu.on_time) or end - release < length:
        return menu.missed
    delay = np.arange(release, end - length + 1) + length - 1 - deadline
    open_to = slice(release - menu.stretch.first, end - menu.stretch.first)
    windows = (sliding_window_view(x[:, open_to], length, axis=1) for x in (menu.on_time, menu.late))
    on_time, late = (lowered_mean(x).min(axis=0) for x in windows)
    return float(min(np.where(delay > 0, menu.delayed(late, delay), on_time).min(), menu.missed))


def _latest(site: Site, j: int) -> int:
    """The last period in which a job may run, grace included."""
    return min(int(site.jobs.deadline[j]) + site.instance.grace_periods, site.instance.periods - 1)


def _interruptible(site: Site, menu: Menu, j: int) -> float:
    """Units of 1/length in the cheapest distinct periods; each unit is late, or missed, by itself, so this is exact."""
    length = int(site.jobs.length[j])
    period = np.arange(int(site.jobs.release[j]), _latest(site, j) + 1)
    delay, at = period - int(site.jobs.deadline[j]), period - menu.stretch.first
    unit = np.where(delay > 0, menu.delayed(menu.best_late[at], delay), menu.best_on_time[at])
    units = np.sort(np.concatenate([unit, np.full(length, menu.missed)]))[:length]
    return float(lowered_mean(units)) if np.isfinite(units).all() else np.inf
