"""The bound for policies that see single requests: each request its own batch, its latency known (MODEL.md 8)."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.options import Options
from planner.replay.draws import ServiceTimes
from planner.replay.requests import Crowd

CHUNK = 2_000_000  # requests x routes held at once


@dataclass(frozen=True, slots=True, eq=False)
class RequestBound:
    """No plan with at most `allowed` (W,) violations is below `total`; `multipliers` (W,) on them prove it.

    Without limits of capacity, lateness and misses it is the optimum.
    """

    total: float
    allowed: Ints
    multipliers: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Per request (n,) of a workload, the least price on time within the SLO (infinite: impossible) and beyond it."""

    within: Floats
    beyond: Floats


class RequestOracle:
    """What each request costs at best within its SLO and beyond it, for one draw of latencies.

    `price` (K,T) is that of a request on a route, by the objective unless another is given, which counts requests only.
    Pools and queues are left out, tardiness and servers are free and jobs at their cheapest: all it says is a lower
    bound.
    """

    def __init__(self, crowd: Crowd, price: Floats | None = None) -> None:
        self._crowd = crowd
        account = crowd.account
        by_objective = price is None
        self._price = account.request.price if price is None else price
        self._wire = account.network.price if by_objective else np.zeros_like(account.network.price)
        self._priced = account.routes.violation_price * by_objective
        miss = account.instance.weights.miss_weight if by_objective else None
        self._miss = np.inf if miss is None else account.instance.weights.beta * miss
        self._beside = _jobs(account) + _paid_to_run(account) if by_objective else 0.0
        self._choices = [self._choice(w) for w in range(len(account.instance.workloads))]

    @property
    def fewest(self) -> Ints:
        """(W,) violations that nobody can avoid."""
        return np.array([np.isinf(choice.within).sum() for choice in self._choices], dtype=np.int64)

    def bound(self, allowed: Ints) -> RequestBound | None:
        """With at most so many violations, late and missed requests a workload (W,); None: impossible."""
        if (allowed < self.fewest).any():
            return None
        multipliers = np.array([_multiplier(c, int(most)) for c, most in zip(self._choices, allowed, strict=True)])
        return RequestBound(self.certified(allowed, multipliers), allowed, multipliers)

    def certified(self, allowed: Ints, multipliers: Floats) -> float:
        """The Lagrangian: a lower bound whatever the multipliers (W,) >= 0 are."""
        parts = [
            np.minimum(choice.within, choice.beyond + price).sum() - price * int(most)
            for choice, price, most in zip(self._choices, multipliers, allowed, strict=True)
        ]
        return float(sum(parts)) + self._beside

    def _choice(self, workload: int) -> _Choice:
        """A workload's requests, some at a time."""
        account, stream = self._crowd.account, self._crowd.stream
        routes = np.flatnonzero(account.routes.workload == workload)
        on_time, late = self._least(workload, routes)
        rows = np.flatnonzero(stream.workload == workload)
        parts = np.array_split(rows, 1 + len(rows) * len(routes) // CHUNK)
        chosen = [self._of(part, routes, on_time, late) for part in parts]
        within, slow, delayed = (np.concatenate(columns) for columns in zip(*chosen, strict=True))
        beyond = np.minimum(slow + self._priced[workload], np.minimum(delayed, self._miss))
        return _Choice(within, beyond)

    def _least(self, workload: int, routes: Ints) -> tuple[Floats, Floats]:
        """By origin and release, the least price on each route on time (O,k,T), and late on any route (O,T)."""
        account = self._crowd.account
        instance, site = account.instance, account.routes
        wire = site.network_kwh[:, routes, None] * self._wire[site.region[routes]]
        price = np.where(site.feasible[:, routes, None], self._price[routes] + wire, np.inf)
        slack = instance.workloads[workload].slack_periods
        late = np.full(price.shape, np.inf)
        if instance.grace_periods:
            after = price[..., slack + 1 :]
            late[..., : after.shape[-1]] = _window_minimum(after, instance.grace_periods - 1)
        return _window_minimum(price, slack), late.min(axis=1, initial=np.inf)

    def _of(self, rows: Ints, routes: Ints, on_time: Floats, late: Floats) -> tuple[Floats, Floats, Floats]:
        """(n,) least price within the SLO, on time and beyond it, and late."""
        stream = self._crowd.stream
        at = (stream.origin[rows], stream.release[rows])
        price, slow = on_time[at[0], :, at[1]], _violates(self._crowd, rows, routes)
        within, beyond = (np.where(kept, price, np.inf).min(axis=1, initial=np.inf) for kept in (~slow, slow))
        return within, beyond, late[at]


def _multiplier(choice: _Choice, most: int) -> float:
    """What the first violation that is not allowed would save: the optimal dual of one knapsack row."""
    avoidable = np.isfinite(choice.within)
    # Beyond may be impossible, or dearer than within: then there is nothing to save.
    saving = np.sort(choice.within[avoidable] - choice.beyond[avoidable])[::-1]
    left = most - int((~avoidable).sum())
    return max(0.0, float(saving[left])) if left < len(saving) else 0.0


def _violates(crowd: Crowd, rows: Ints, routes: Ints) -> Bools:
    """(n,k) whether requests on routes are slower than their SLO when nobody queues."""
    account, stream, chance = crowd.account, crowd.stream, crowd.chance
    instance = account.instance
    slo = np.array([np.inf if w.slo_ms is None else w.slo_ms for w in instance.workloads])[stream.workload[rows]]
    service = ServiceTimes.of(instance, account.routes).realised(routes, chance.deviation[rows, None])
    far = instance.rtt_ms[stream.origin[rows, None], account.routes.region[routes]]
    return np.asarray(far + service + chance.jitter_ms[rows, None] > slo[:, None])


def _jobs(account: Options) -> float:
    """The least that jobs can cost: every part of each in its cheapest period, or missed."""
    instance, site, total = account.instance, account.routes, 0.0
    names = [work.name for work in instance.workloads]
    miss = instance.weights.miss_weight
    missed = np.inf if miss is None else instance.weights.beta * miss
    for job in instance.jobs:
        origin = instance.origins.index(job.origin)
        routes = np.flatnonzero((site.workload == names.index(job.workload)) & site.feasible[origin])
        at = slice(job.release, job.deadline + instance.grace_periods + 1)
        wire = site.network_kwh[origin, routes, None] * account.network.price[site.region[routes], at]
        least = float((account.request.price[routes, at] + wire).min(initial=missed))
        total += job.requests * least
    return total


def _paid_to_run(account: Options) -> float:
    """At most so much is earned by servers at negative tariffs: all of them on, and started, in every such period."""
    standing = np.minimum(account.active.price, 0.0) + np.minimum(account.startup.price, 0.0)
    paid = standing < 0
    return float((standing[paid] * account.instance.servers[paid]).sum())


def _window_minimum(values: Floats, ahead: int) -> Floats:
    """The least of each value and the `ahead` after it, along the last axis."""
    least = values.copy()
    for step in range(1, min(ahead, values.shape[-1] - 1) + 1):
        np.minimum(least[..., :-step], values[..., step:], out=least[..., :-step])
    return least
