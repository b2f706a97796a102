"""The Lagrangian of MODEL.md 6 as a smooth concave function of its multipliers, with its gradient.

Written from the symbolic account (`planner.domain.options`). The judge, which shares none of it, says what a result is
worth.
"""

import numpy as np

from planner.bounds.dual_demand import ClassDual
from planner.bounds.dual_jobs import JobDual
from planner.bounds.dual_servers import ServerDual
from planner.bounds.taken import Taken, live_caps
from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import options
from planner.domain.results import Cut, Multipliers


class SmoothedDual:
    """The Lagrangian with every minimum but those of jobs smoothed (`planner.bounds.soft`).

    `limits` are the right-hand sides of (M2) (0 where unlimited), (M11), (M3b) and (M12), shaped like multipliers. The
    prices of the cuts (C1) are those of `cuts`; their right-hand sides, a constant, are left out. Pools without limit
    add nothing, as they do wherever the Lagrangian is finite; requests without any option cost more than 1e200.
    """

    def __init__(self, instance: Instance, cuts: tuple[Cut, ...] = ()) -> None:
        table = options(instance)
        self._classes = [ClassDual(table, kind) for kind in table.classes()]
        self._jobs = JobDual(table) if instance.jobs else None
        self._servers = ServerDual(table, _credit(instance, cuts)) if instance.provisioning else None
        self._budgeted = np.array([w.slo_budget is not None for w in instance.workloads])
        self._capacity = table.server_capacity[:, None]
        self._available = np.where(np.isfinite(instance.servers), instance.servers, 0.0)
        self.limits = Multipliers(
            capacity=self._capacity * self._available,
            slo=np.array([w.slo_budget or 0.0 for w in instance.workloads]) * _requests(instance),
            fleet=instance.fleet_limit if instance.provisioning else None,
            caps={name: getattr(instance.caps, name) for name in live_caps(instance)},
            cuts=cuts,
        )

    def __call__(self, prices: Multipliers, temperature: float) -> tuple[float, Multipliers]:
        """Value and gradient at multipliers that hold a price of every limit in `limits`.

        At most the Lagrangian; at temperature tau by up to tau log(options) of what a request of each class costs on
        average, and by as much for every active server.
        """
        load, servers, violations = map(np.zeros_like, (self._available, self._available, self.limits.slo))
        taken = Taken(load, servers, violations)
        value = sum(kind.cost(prices, temperature, taken) for kind in self._classes)
        if self._jobs is not None:
            value += self._jobs.cost(prices, taken)
        if self._servers is not None:
            value += self._servers.cost(prices, temperature, taken)
        else:
            taken.servers += self._available
            value -= float((prices.capacity * self.limits.capacity).sum())
        return value - self._given_back(prices), self._gradient(taken)

    def _given_back(self, prices: Multipliers) -> float:
        """What (M11), (M3b) and (M12) give back."""
        given = float(prices.slo @ self.limits.slo)
        given += sum(nu * self.limits.caps[name] for name, nu in prices.caps.items())
        if prices.fleet is not None and self.limits.fleet is not None:
            given += float(prices.fleet @ self.limits.fleet)
        return given

    def _gradient(self, taken: Taken) -> Multipliers:
        """What is taken beyond each limit."""
        limits = self.limits
        return Multipliers(
            capacity=taken.load - self._capacity * taken.servers,
            slo=np.where(self._budgeted, taken.violations - limits.slo, 0.0),
            fleet=None if limits.fleet is None else taken.servers.sum(axis=0) - limits.fleet,
            caps={name: taken.used.get(name, 0.0) - cap for name, cap in limits.caps.items()},
            cuts=limits.cuts,
        )


def _requests(instance: Instance) -> Ints:
    """(W,) requests of each workload, those of jobs included."""
    counted = instance.requests.sum(axis=(1, 2))
    names = [w.name for w in instance.workloads]
    for job in instance.jobs:
        counted[names.index(job.workload)] += job.requests
    return np.asarray(counted)


def _credit(instance: Instance, cuts: tuple[Cut, ...]) -> Floats:
    """(P,T) what the cuts pay for an active server."""
    credit, region = np.zeros(instance.servers.shape), instance.pool_region
    for cut in cuts:
        credit[np.isin(region, cut.regions), cut.first : cut.last + 1] += cut.multiplier
    return credit
