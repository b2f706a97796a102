"""The plan that a forecast advises for each batch, and what following it has cost so far."""

from collections import defaultdict

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.protocols import HourView, Waiting
from planner.errors import PolicyError
from planner.policies.deadlines import latest_start
from planner.policies.reach import lowest


class Advice:
    """Every batch in its cheapest forecast hours before its deadline, fixed when it arrives; ties go to the earliest.

    An interruptible job takes one hour for each of its parts, all else one hour (to start in).
    """

    def __init__(self) -> None:
        self._calendar: dict[int, list[tuple[Ints, Floats]]] = defaultdict(list)
        self._known = 0  # batches; columns are made for more of them at once
        # By batch: advised progress, its cost; the policy's cost, pseudo-utilisation; what is advised today.
        self._columns = np.zeros((5, 0))

    def prices(self, view: HourView, reach: Bools) -> Floats:
        """(n,) carbon intensity of each waiting batch now, over the length of a contiguous job; notes new advice."""
        waiting, hours = view.waiting, latest_start(view.waiting) - view.period
        if view.forecast is None:
            raise PolicyError("advice needs a forecast")
        length = np.where(waiting.contiguous, waiting.length, 1)
        horizon = int(np.max(hours + length, initial=1))
        ahead = lowest(reach, view.forecast(horizon))[waiting.workload, waiting.origin]
        means = _moving_means(ahead, length)
        starts = np.arange(horizon)
        means[starts > np.maximum(hours, 0)[:, None]] = np.inf
        self._note(view, means)
        self._pass(view, means[:, 0])
        return np.asarray(means[:, 0])

    def so_far(self, waiting: Waiting) -> tuple[Floats, Floats, Floats]:
        """(n,) the progress that the advice has made, at what cost, and what the policy has spent."""
        progress, cost, spent = self._columns[:3, waiting.batch]
        return progress, cost, spent

    def utilisation(self, waiting: Waiting) -> Floats:
        """(n,) the progress that the policy made of its own accord, not for the sake of the advice."""
        return np.asarray(self._columns[3, waiting.batch])

    def served(self, batch: Ints, cost: Floats, wished: Floats) -> None:
        """What the policy paid and how much of what it served it wished to serve."""
        np.add.at(self._columns[2], batch, cost)
        np.add.at(self._columns[3], batch, wished)

    def _note(self, view: HourView, means: Floats) -> None:
        new = np.flatnonzero(view.waiting.batch >= self._known)
        if not len(new):
            return
        batch, unit = view.waiting.batch[new], view.waiting.share_unit[new]
        share = np.where(unit > 0, unit, 1.0)
        self._known = int(batch.max()) + 1
        if self._known > self._columns.shape[1]:
            self._columns = np.pad(self._columns, ((0, 0), (0, 2 * self._known - self._columns.shape[1])))
        rank = means[new].argsort(axis=1, kind="stable").argsort(axis=1)
        row, hour = np.nonzero((rank < np.rint(1 / share)[:, None]) & np.isfinite(means[new]))
        for ahead in np.unique(hour):
            then = row[hour == ahead]
            self._calendar[view.period + int(ahead)].append((batch[then], share[then]))

    def _pass(self, view: HourView, price: Floats) -> None:
        """The advice serves what it planned for this hour."""
        batch, today = view.waiting.batch, self._columns[4]
        planned = self._calendar.pop(view.period, [])
        for what, share in planned:
            today[what] = share
        progress = today[batch]  # of what is not done yet
        for what, _ in planned:
            today[what] = 0.0
        self._columns[0, batch] += progress
        self._columns[1, batch] += progress * price


def _moving_means(series: Floats, length: Ints) -> Floats:
    """(n,H) the mean of each row of a series (n,H) over its `length` (n,) from each column on, 0 beyond the end."""
    if (length == 1).all():
        return series.copy()
    total = np.pad(series.cumsum(axis=1), ((0, 0), (1, 0)))
    ends = np.minimum(np.arange(series.shape[1]) + length[:, None], series.shape[1])
    means = (np.take_along_axis(total, ends, axis=1) - total[:, :-1]) / length[:, None]
    return np.where(length[:, None] == 1, series, means)  # differences of sums would break ties by rounding
