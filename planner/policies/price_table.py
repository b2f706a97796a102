"""What a request will cost, by the period in which it starts: a table that is looked up."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.protocols import HourView
from planner.policies.deadlines import latest_start, periods_left
from planner.policies.menus import routes_of


@dataclass(frozen=True, slots=True, eq=False)
class PriceTable:
    """`price` (O,K,H) of serving a request on each route from period `begin` on, capacity included; infinite: never."""

    begin: int
    price: Floats

    def later(self, view: HourView) -> Floats:
        """(n,) the least price that each row finds from the next period to its latest start, or the table's end.

        A job in as many parts takes as many periods: the dearest of those counts.
        """
        waiting, first = view.waiting, view.period - self.begin + 1
        start = np.arange(view.period + 1, self.begin + self.price.shape[2])
        if not len(start) or not len(waiting):
            return np.full(len(waiting), np.inf)
        lengths, kind = np.unique(np.where(waiting.contiguous, waiting.length, 1), return_inverse=True)
        own = routes_of(view.routes, len(view.workload_names))
        least = np.stack([_least(self._mean(first, length), own) for length in lengths.tolist()])
        parts = np.where(waiting.contiguous, 1, periods_left(waiting))
        last = np.where(waiting.contiguous, latest_start(waiting), waiting.deadline)
        price = np.where(start <= last[:, None], least[kind, waiting.workload, waiting.origin], np.inf)
        price.sort(axis=1)
        return np.asarray(price[np.arange(len(waiting)), np.minimum(parts, len(start)) - 1])

    def from_now(self, view: HourView, now: Floats, route: Ints) -> Floats:
        """(n,P) the mean price of a request on `route` (n,P) over the periods it runs, `now` (n,P) in this one."""
        waiting, first = view.waiting, view.period - self.begin + 1
        more = np.clip(self.price.shape[2] - first, 0, np.where(waiting.contiguous, waiting.length, 1) - 1)
        price = now.copy()
        for periods in np.unique(more[more > 0]).tolist():
            rows = np.flatnonzero(more == periods)
            coming = self.price[..., first : first + periods].sum(axis=2)[waiting.origin[rows, None], route[rows]]
            price[rows] = (now[rows] + coming) / (1 + periods)
        return price

    def _mean(self, first: int, length: int) -> Floats:
        """(O,K,S) by the start, `first` or later, the mean price over `length` periods, or up to the table's end."""
        price = self.price[..., first:]
        if length == 1:
            return price
        start = np.arange(price.shape[2])
        end = np.minimum(start + length, price.shape[2])
        total = np.where(np.isfinite(price), price, 0.0).cumsum(axis=2)
        total = np.concatenate([np.zeros_like(price[..., :1]), total], axis=2)
        return np.where(np.isfinite(price), (total[..., end] - total[..., start]) / (end - start), np.inf)


def _least(price: Floats, own: tuple[Ints, ...]) -> Floats:
    """(O,K,S) -> (W,O,S) on the cheapest of each workload's routes."""
    return np.stack([price[:, mine].min(axis=1, initial=np.inf) for mine in own])
