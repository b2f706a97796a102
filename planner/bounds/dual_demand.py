"""First part of the smoothed Lagrangian: what each class of requests pays, and what its cheapest options take."""

import numpy as np

from planner.bounds.soft import NOTHING, log_add, log_sum, window_log_sum
from planner.bounds.taken import ACCOUNTS, Taken, live_caps
from planner.domain.flat import penalty_of_a_miss
from planner.domain.instance import Floats
from planner.domain.options import Options, ServiceClass
from planner.domain.results import Multipliers


class ClassDual:
    """One service class with k routes; its unit of temperature is what one of its requests costs on average."""

    def __init__(self, options: Options, kind: ServiceClass) -> None:
        instance, routes = options.instance, options.routes
        work = instance.workloads[kind.workload]
        self._kind, self._slack, self._grace = kind, work.slack_periods, instance.grace_periods
        self._pool, self._seconds = routes.pool[kind.routes], routes.server_seconds[kind.routes][:, None]
        self._violation, self._violation_price = kind.violation[:, None], float(routes.violation_price[kind.workload])
        self._served = _per_request(options, kind, "price") + self._violation_price * self._violation
        self._takes = {name: _per_request(options, kind, ACCOUNTS[name]) for name in live_caps(instance)}
        self._tardy = instance.weights.beta * instance.weights.tardiness_weight * instance.step_hours
        self._missed, self._budgeted = penalty_of_a_miss(instance), work.slo_budget is not None
        self._size = float(np.abs(self._served).mean()) if self._served.any() else 1.0
        with np.errstate(divide="ignore"):
            self._log_demand = np.log(kind.demand.astype(np.float64))

    def cost(self, prices: Multipliers, temperature: float, taken: Taken) -> float:
        """Demand times its smoothed cheapest option; what those options take is added to `taken`."""
        h = temperature * self._size
        mu = float(prices.slo[self._kind.workload]) if self._budgeted else 0.0
        priced = self._priced(prices, mu)
        on_time, share = log_sum(priced / -h)
        late, late_share = log_sum(self._late(priced, mu) / -h)
        missed = NOTHING if self._missed is None else -(self._missed + mu) / h
        best = self._best(on_time, late, missed, h)
        # What is served in a period by route is exp(its score) times the sum of these over the releases it may serve.
        releases = self._log_demand - best
        on_time += window_log_sum(releases[::-1], self._slack + 1)[::-1]
        share *= np.exp(on_time)
        self._take(taken, share, self._violation)
        if self._grace:
            self._take(taken, late_share * self._delayed(late, releases, h), np.ones_like(self._violation))
        taken.violations[self._kind.workload] += np.exp(releases + missed).sum()
        asked = self._kind.demand > 0
        return float(-h * (self._kind.demand[asked] @ best[asked]))

    def _best(self, on_time: Floats, late: Floats, missed: float, h: float) -> Floats:
        """(T,) score of the options of what is released in each period: a window on time, then delays, or a miss."""
        best = window_log_sum(on_time, self._slack + 1)
        for wait, delay in self._delays():
            best[:-wait] = log_add(best[:-wait], late[wait:] - delay * self._tardy / h)
        return best if self._missed is None else log_add(best, missed)

    def _delayed(self, late: Floats, releases: Floats, h: float) -> Floats:
        """(T,) requests served late."""
        out = np.zeros_like(late)
        for wait, delay in self._delays():
            out[wait:] += np.exp(late[wait:] + releases[:-wait] - delay * self._tardy / h)
        return out

    def _priced(self, prices: Multipliers, mu: float) -> Floats:
        """(k,T) price of a request served on time."""
        out = self._served + self._seconds * prices.capacity[self._pool]
        if mu:
            out += mu * self._violation
        for name, takes in self._takes.items():
            out += prices.caps[name] * takes
        return np.asarray(out)

    def _late(self, priced: Floats, mu: float) -> Floats:
        """(k,T) price of a request after its deadline, tardiness aside: it violates for sure. Empty without grace."""
        return priced + (mu - (mu + self._violation_price) * self._violation) if self._grace else priced[:0]

    def _delays(self) -> list[tuple[int, int]]:
        """(periods after the release, periods late) of what grace allows within the horizon."""
        late = range(1, self._grace + 1)
        return [(self._slack + d, d) for d in late if self._slack + d < len(self._log_demand)]

    def _take(self, taken: Taken, amount: Floats, violation: Floats) -> None:
        """Requests served by route and period (k,T), and what of them breaks its SLO (k,1)."""
        for pool, seconds, served in zip(self._pool.tolist(), self._seconds, amount, strict=True):
            taken.load[pool] += seconds * served
        taken.violations[self._kind.workload] += float(amount.sum(axis=1) @ violation[:, 0])
        taken.use({name: float((amount * takes).sum()) for name, takes in self._takes.items()})


def _per_request(options: Options, kind: ServiceClass, account: str) -> Floats:
    """(k,T) carbon, energy, cost or price of a request, its network included (O1), (O4), (O7)."""
    moved = kind.network_kwh[:, None]
    region = options.routes.region[kind.routes]
    served, network = getattr(options.request, account), getattr(options.network, account)
    return np.asarray(served[kind.routes] + moved * network[region])
