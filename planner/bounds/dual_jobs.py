"""What jobs pay in the Lagrangian: whole units, each in the cheapest slots it may take. Not smoothed: jobs are few."""

import numpy as np

from planner.bounds.taken import Taken, live_caps
from planner.domain.flat import flat_options, penalty_of_a_miss
from planner.domain.instance import Floats, Ints
from planner.domain.options import Options
from planner.domain.results import Multipliers


class JobDual:
    """J jobs. A contiguous one is a single unit with a single slot, the rest `length` units with a slot per period."""

    def __init__(self, options: Options) -> None:
        instance = options.instance
        batches = instance.batches()
        jobs = np.flatnonzero(batches.job >= 0)
        self._rows = flat_options(options, batches.job >= 0)
        self._pool = options.routes.pool[self._rows.route]
        self._owner = self._rows.batch - jobs[0]
        contiguous = batches.contiguous[jobs]
        self._slot = self._owner * instance.periods + np.where(contiguous[self._owner], 0, self._rows.period)
        self._workload = batches.workload[jobs]
        self._units = np.where(contiguous, 1, batches.length[jobs])
        self._requests = batches.requests[jobs] / self._units
        self._missed = penalty_of_a_miss(instance)
        self._budgeted = np.array([w.slo_budget is not None for w in instance.workloads])
        self._caps = live_caps(instance)

    def cost(self, prices: Multipliers, taken: Taken) -> float:
        """The cheapest units of every job, or missing them; infinite where neither exists."""
        mu = np.where(self._budgeted, prices.slo, 0.0)[self._workload]
        price = self._priced(prices, mu)
        missing = np.full(len(mu), np.inf) if self._missed is None else self._requests * (self._missed + mu)
        row = self._cheapest(price)
        row = row[price[row] < missing[self._owner[row]]]
        left = self._units - np.bincount(self._owner[row], minlength=len(mu))
        self._take(taken, row, left)
        return float(price[row].sum() + missing[left > 0] @ left[left > 0])

    def _priced(self, prices: Multipliers, mu: Floats) -> Floats:
        rows, periods = self._rows, prices.capacity.shape[1]
        before = np.concatenate([np.zeros((len(prices.capacity), 1)), np.cumsum(prices.capacity, axis=1)], axis=1)
        end = np.minimum(rows.period + rows.span, periods)
        held = before[self._pool, end] - before[self._pool, rows.period]
        price = rows.price + rows.seconds * held + mu[self._owner] * rows.violations
        for name in self._caps:
            price = price + prices.caps[name] * getattr(rows, name)
        return np.asarray(price)

    def _cheapest(self, price: Floats) -> Ints:
        """Rows of the cheapest slots of every job, as many as it has units, one row a slot."""
        order = np.lexsort((price, self._slot))
        best = order[_first_of_each(self._slot[order])]
        best = best[np.lexsort((price[best], self._owner[best]))]
        starts = _first_of_each(self._owner[best])
        sizes = np.diff([*starts, len(best)])
        rank = np.arange(len(best)) - np.repeat(starts, sizes)
        return np.asarray(best[rank < self._units[self._owner[best]]])

    def _take(self, taken: Taken, row: Ints, left: Ints) -> None:
        rows = self._rows
        for k in range(int(rows.span[row].max(initial=0))):
            runs = row[rows.span[row] > k]
            np.add.at(taken.load, (self._pool[runs], rows.period[runs] + k), rows.seconds[runs])
        np.add.at(taken.violations, self._workload[self._owner[row]], rows.violations[row])
        np.add.at(taken.violations, self._workload, left * self._requests)
        taken.use({name: float(getattr(rows, name)[row].sum()) for name in self._caps})


def _first_of_each(values: Ints) -> Ints:
    """Where each run of equal values begins."""
    return np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]])) if len(values) else values
