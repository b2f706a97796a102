"""The symbolic account (MODEL.md 1 and 4): what every option takes, emits and costs, kept factored.

A *route* k is a (workload, pool, variant) whose hardware runs the variant in an allowed region. What a request costs
is a table over (route, period) plus what depends on its origin: violations and network carbon. The flat table of all
options is made only where a formulation asks for it. `planner.verify` never reads this module.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, owens_t

from planner.domain.instance import Batches, Bools, Floats, Instance, Ints, Profile

J_PER_KWH = 3.6e6
G_PER_KG = 1e3
NEVER = 1e-15  # a violation less probable is none: its price would only be noise to a solver


def _lower_quadrant(h: Floats, k: Floats, rho: Floats) -> Floats:
    """P(Z < h, Y < k) of a standard bivariate normal with correlation rho in [0, 1), by Owen's T function."""
    # A zero would make the quotients below 0/0; this shift moves the result by far less than 1e-9.
    h, k = (np.where(x == 0, 1e-300, x) for x in (h, k))
    root = np.sqrt(1 - rho**2)
    with np.errstate(over="ignore"):  # a quotient of 1e300 is as good as infinite to T
        tails = owens_t(h, (k / h - rho) / root) + owens_t(k, (h / k - rho) / root)
    opposite = np.where(h * k < 0, 0.5, 0.0)
    return np.asarray(0.5 * (ndtr(h) + ndtr(k)) - tails - opposite)


def violation_probability(slack_ms: Floats, mean_ms: Floats, sd_ms: Floats, jitter_sd_ms: float) -> Floats:
    """pi = P(S + J > slack): S normal, floored at 1 ms; J = max(0, normal). All arguments broadcast; slack = SLO - rtt.

    Exact to 1e-9: one normal tail where J is 0 and one bivariate quadrant where it is not (MODEL.md 1).
    """
    slack, mean, sd = np.broadcast_arrays(slack_ms, mean_ms, sd_ms)
    still = _service_exceeds(slack, mean, sd)
    if jitter_sd_ms == 0:
        return np.where(slack < 1, 1.0, np.where(still < NEVER, 0.0, still))
    # With a jitter j > slack - 1 the floor alone violates; below it S must exceed slack - j.
    reach = np.maximum(slack - 1, 0) / jitter_sd_ms
    spread = np.hypot(sd, jitter_sd_ms)
    rho = jitter_sd_ms / spread
    scaled = (slack - mean) / spread
    rigid = sd == 0  # S is constant: S + j <= slack is j <= slack - max(mean, 1)
    rho = np.where(rigid, 0.0, rho)
    kept = _lower_quadrant(reach, scaled, rho) - _lower_quadrant(np.zeros_like(reach), scaled, rho)
    constant = ndtr(np.maximum(slack - np.maximum(mean, 1), 0) / jitter_sd_ms) - 0.5
    kept = np.where(rigid, constant, kept)
    exceeds = np.clip(0.5 * still + 0.5 - kept, 0.0, 1.0)
    return np.where(slack < 1, 1.0, np.where(exceeds < NEVER, 0.0, exceeds))


def _service_exceeds(limit: Floats, mean: Floats, sd: Floats) -> Floats:
    """P(max(1, Normal(mean, sd)) > limit) for limit >= 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sd > 0, ndtr((mean - limit) / sd), np.maximum(mean, 1.0) > limit).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Routes:
    """What does not change with time; columns of length K, tables (O,K). Everything here may be shown to a policy.

    `violation` is pi, `feasible` whether the option may exist for the origin (residency and hard SLO), `network_gb`
    the GB a request moves (W,), `network_kwh` (O,K) the network energy of a request in kWh, `violation_price` the
    objective's price of an expected violation (W,).
    """

    workload: Ints
    pool: Ints
    variant: Ints
    region: Ints
    server_seconds: Floats
    energy_j: Floats
    violation: Floats
    feasible: Bools
    network_kwh: Floats
    violation_price: Floats

    def __len__(self) -> int:
        return len(self.workload)


def routes(instance: Instance) -> Routes:
    """Every (workload, pool, variant) of the instance, vectorised."""
    rows = [
        (w, p, v, variant.profiles[pool.hardware])
        for w, work in enumerate(instance.workloads)
        for p, pool in enumerate(instance.pools)
        for v, variant in enumerate(work.variants)
        if pool.hardware in variant.profiles and (work.allowed_regions is None or pool.region in work.allowed_regions)
    ]
    workload, pool, variant = (np.array([r[i] for r in rows], dtype=np.int64) for i in range(3))
    region = instance.pool_region[pool] if rows else workload
    violation = _route_violations(instance, workload, region, [r[3] for r in rows])
    limit = np.array([x.max_violation if x.slo_mode == "hard" else 1.0 for x in instance.workloads])
    gb = np.array([(x.bytes_in + x.bytes_out) / 1e9 for x in instance.workloads])
    per_gb = np.zeros_like(instance.rtt_ms) if instance.network_kwh_per_gb is None else instance.network_kwh_per_gb
    weights = instance.weights
    return Routes(
        workload=workload,
        pool=pool,
        variant=variant,
        region=region,
        server_seconds=np.array([r[3].server_seconds_per_request for r in rows], dtype=np.float64),
        energy_j=np.array([r[3].energy_j_per_request for r in rows], dtype=np.float64),
        violation=violation,
        feasible=violation <= limit[workload],
        network_kwh=per_gb[:, region] * gb[workload],
        violation_price=np.array(
            [weights.beta * weights.violation_weight * (x.slo_mode == "priced") for x in instance.workloads]
        ),
    )


def _route_violations(instance: Instance, workload: Ints, region: Ints, profiles: list[Profile]) -> Floats:
    """(O,K) violation probabilities; 0 for a workload without SLO."""
    slo = np.array([np.inf if x.slo_ms is None else x.slo_ms for x in instance.workloads])
    bounded = np.isfinite(slo[workload])
    out = np.zeros((len(instance.origins), len(workload)))
    if bounded.any():
        mean = np.array([p.service_ms_mean for p in profiles])[bounded]
        sd = np.array([p.service_ms_sd for p in profiles])[bounded]
        slack = slo[workload][bounded] - instance.rtt_ms[:, region[bounded]]
        out[:, bounded] = violation_probability(slack, mean, sd, instance.jitter_sd_ms)
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What something takes: carbon (kg), energy (kWh), cost (USD) and the objective's price of it, of one shape."""

    carbon: Floats
    energy: Floats
    cost: Floats
    price: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ServiceClass:
    """Origins of one workload that cost the same on every route (MODEL.md 5): the unit of the backlog shape.

    `routes` (indices into Routes) are the feasible ones; `demand` (T,) requests released; `violation` and `network_kwh`
    are per route.
    """

    workload: int
    origins: tuple[int, ...]
    routes: Ints
    violation: Floats
    network_kwh: Floats
    demand: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """The factored options of an instance: `request` (K,T) per request, `network` (R,T) per kWh moved,
    `active` (P,T) per server and period, `startup` (P,T) per server started."""

    instance: Instance
    routes: Routes
    request: Account
    network: Account
    active: Account
    startup: Account

    @property
    def server_capacity(self) -> Floats:
        """(P,) server-seconds that one active server offers in a period, 3600 D rho (M2)."""
        rho = np.array([p.target_utilisation for p in self.instance.pools])
        return 3600.0 * self.instance.step_hours * rho

    def classes(self) -> Iterator[ServiceClass]:
        """Group the origins of each workload whose routes, violations (where they matter) and network energy agree."""
        for w, work in enumerate(self.instance.workloads):
            route = np.flatnonzero(self.routes.workload == w)
            matters = work.slo_mode != "hard" and (work.slo_mode == "budget" or self.routes.violation_price[w] > 0)
            groups: dict[bytes, list[int]] = {}
            for o in np.flatnonzero(self.instance.requests[w].any(axis=1)):
                key = [self.routes.feasible[o, route], self.routes.network_kwh[o, route]]
                key += [self.routes.violation[o, route]] if matters or work.slo_budget is not None else []
                groups.setdefault(b"".join(x.tobytes() for x in key), []).append(int(o))
            for origins in groups.values():
                yield self.service_class(w, tuple(origins))

    def service_class(self, workload: int, origins: tuple[int, ...]) -> ServiceClass:
        """Origins of a workload that are known to cost the same on every route, as a class."""
        route = np.flatnonzero(self.routes.workload == workload)
        kept = route[self.routes.feasible[origins[0], route]]
        return ServiceClass(
            workload=workload,
            origins=origins,
            routes=kept,
            violation=self.routes.violation[origins[0], kept],
            network_kwh=self.routes.network_kwh[origins[0], kept],
            demand=self.instance.requests[workload, list(origins)].sum(axis=0),
        )

    def choices(self) -> Ints:
        """(B,) options of each batch: feasible routes times the periods it may run (or start) in; no table is made."""
        instance, batches = self.instance, self.instance.batches()
        feasible = np.zeros((len(instance.workloads), len(instance.origins)), dtype=np.int64)
        np.add.at(feasible, self.routes.workload, self.routes.feasible.T.astype(np.int64))
        periods = np.maximum(last_start(batches, instance) - batches.release + 1, 0)
        return np.asarray(feasible[batches.workload, batches.origin] * periods)

    def count(self) -> int:
        """How many options the time-indexed problem has."""
        return int(self.choices().sum())


def last_start(batches: Batches, instance: Instance) -> Ints:
    """(B,) the last period in which each batch may run, or start where it is contiguous, `grace` included."""
    latest = np.minimum(batches.deadline + instance.grace_periods, instance.periods - 1)
    return np.where(batches.contiguous, latest - batches.length + 1, latest)


def options(instance: Instance) -> Options:
    """Account for every option, server and start-up of the instance."""
    site = routes(instance)
    region = instance.pool_region
    pue = np.array([instance.regions[r].pue for r in region])
    grid = instance.carbon_intensity_g_per_kwh / G_PER_KG  # kg per kWh
    tariff = np.zeros_like(grid) if instance.price_usd_per_kwh is None else instance.price_usd_per_kwh
    provisioned = 1.0 if instance.provisioning else 0.0
    idle = np.array([p.idle_w for p in instance.pools]) * instance.step_hours / 1e3
    startup = np.array([p.startup_wh for p in instance.pools]) / 1e3
    embodied = np.array([p.embodied_g_per_server_hour for p in instance.pools]) * instance.step_hours / G_PER_KG
    rent = np.array([p.price_usd_per_server_hour for p in instance.pools]) * instance.step_hours

    def account(kwh: Floats, at: Ints, other_kg: Floats | float = 0.0, other_usd: Floats | float = 0.0) -> Account:
        weights = instance.weights
        carbon = kwh * grid[at] + other_kg  # (O1), (O2), (O4), (O5)
        cost = kwh * tariff[at] + other_usd + weights.carbon_price_usd_per_kg * carbon  # (O7)
        return Account(
            carbon=carbon,
            energy=np.broadcast_to(kwh, carbon.shape),
            cost=cost,
            price=weights.alpha * carbon + weights.gamma * cost,
        )

    def column(values: Floats) -> Floats:
        return (provisioned * values)[:, None] + np.zeros((1, instance.periods))

    moved = account(np.ones_like(grid), np.arange(len(grid)))
    wire = _without_tariff(moved, instance)
    return Options(
        instance=instance,
        routes=site,
        request=account(
            (site.energy_j / J_PER_KWH * pue[site.pool])[:, None] + np.zeros((1, instance.periods)), site.region
        ),
        network=wire,
        active=account(column(idle * pue), region, column(embodied), column(rent)),
        startup=account(column(startup * pue), region),
    )


def _without_tariff(per_kwh: Account, instance: Instance) -> Account:
    """Network energy (O4) emits and pays the carbon price, but no tariff, and is not in the operator's energy."""
    weights = instance.weights
    cost = weights.carbon_price_usd_per_kg * per_kwh.carbon
    return Account(
        carbon=per_kwh.carbon,
        energy=np.zeros_like(per_kwh.energy),
        cost=cost,
        price=weights.alpha * per_kwh.carbon + weights.gamma * cost,
    )
