"""The judge against plain enumeration in exact fractions, written from MODEL.md alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from functools import cached_property
from itertools import islice, pairwise, product
from math import ceil

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import Caps, CarbonKind, Instance, Job, Pool, Profile, Region, Variant, Weights, Workload
from planner.domain.options import options
from planner.domain.plan import Plan
from planner.domain.results import Cut, Multipliers
from planner.errors import Infeasible
from planner.solve.oracle import solve
from planner.verify.bound import lower_bound
from planner.verify.exact import exact_objective
from planner.verify.exact_bound import exact_bound
from planner.verify.judge import check
from planner.verify.latency import violation_probability

PERIODS = 3
MOST = 20_000  # combinations of one instance
SEEDS = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Choice:
    """One way to serve or miss a whole batch, or a unit of it."""

    runs: tuple[tuple[int, int, int, Fraction], ...]  # pool, variant, period, share of the batch, by period
    starts: tuple[tuple[int, int, int, Fraction], ...]  # as the plan writes it
    missed: Fraction
    sla: Fraction
    broken: Fraction


@dataclass(frozen=True)
class Take:
    """What something takes in exact numbers."""

    carbon: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)
    energy: Fraction = Fraction(0)

    def __add__(self, other: "Take") -> "Take":
        return Take(self.carbon + other.carbon, self.cost + other.cost, self.energy + other.energy)

    def __mul__(self, factor: Fraction) -> "Take":
        return Take(self.carbon * factor, self.cost * factor, self.energy * factor)


Combination = tuple[bool, Fraction, tuple[Choice, ...], np.ndarray | None, np.ndarray | None]


class Exact:
    """Enumerates everything a small instance permits."""

    def __init__(self, instance: Instance) -> None:
        self.i, self.w = instance, instance.weights
        self.b = instance.batches()
        self.hours = Fraction(instance.step_minutes, 60)
        self.rooms = [3600 * self.hours * Fraction(p.target_utilisation) for p in instance.pools]

    def at(self, pool: int) -> int:
        return [r.name for r in self.i.regions].index(self.i.pools[pool].region)

    def kwh(self, pool: int, t: int, amount: Fraction) -> Take:
        r = self.at(pool)
        energy = amount * Fraction(self.i.regions[r].pue)
        tariff = Fraction(0) if self.i.price_usd_per_kwh is None else Fraction(float(self.i.price_usd_per_kwh[r, t]))
        carbon = energy * Fraction(float(self.i.carbon_intensity_g_per_kwh[r, t])) / 1000
        return Take(carbon, energy * tariff + Fraction(self.w.carbon_price_usd_per_kg) * carbon, energy)

    def emitted(self, carbon: Fraction) -> Take:
        return Take(carbon, Fraction(self.w.carbon_price_usd_per_kg) * carbon, Fraction(0))

    def served(self, b: int, pool: int, variant: int, t: int) -> Take:
        """One request."""
        work = self.i.workloads[self.b.workload[b]]
        profile = work.variants[variant].profiles[self.i.pools[pool].hardware]
        r = self.at(pool)
        wire = (
            Fraction(0)
            if self.i.network_kwh_per_gb is None
            else Fraction(float(self.i.network_kwh_per_gb[self.b.origin[b], r]))
        )
        moved = (Fraction(work.bytes_in) + Fraction(work.bytes_out)) / 10**9 * wire
        grid = Fraction(float(self.i.carbon_intensity_g_per_kwh[r, t])) / 1000
        return self.kwh(pool, t, Fraction(profile.energy_j_per_request) / 3600000) + self.emitted(moved * grid)

    def active(self, pool: int, t: int) -> Take:
        p = self.i.pools[pool]
        rent = Take(cost=Fraction(p.price_usd_per_server_hour) * self.hours)
        embodied = self.emitted(Fraction(p.embodied_g_per_server_hour) * self.hours / 1000)
        return self.kwh(pool, t, Fraction(p.idle_w) * self.hours / 1000) + embodied + rent

    def startup(self, pool: int, t: int) -> Take:
        return self.kwh(pool, t, Fraction(self.i.pools[pool].startup_wh) / 1000)

    def seconds(self, b: int, pool: int, variant: int) -> Fraction:
        work = self.i.workloads[self.b.workload[b]]
        return Fraction(work.variants[variant].profiles[self.i.pools[pool].hardware].server_seconds_per_request)

    def pi(self, b: int, pool: int, variant: int) -> Fraction:
        work = self.i.workloads[self.b.workload[b]]
        if work.slo_ms is None:
            return Fraction(0)
        x = work.variants[variant].profiles[self.i.pools[pool].hardware]
        spare = work.slo_ms - self.i.rtt_ms[self.b.origin[b], self.at(pool)]
        arguments = (np.array([y]) for y in (spare, x.service_ms_mean, x.service_ms_sd))
        return Fraction(float(violation_probability(*arguments, self.i.jitter_sd_ms)[0]))

    def routes(self, b: int) -> list[tuple[int, int]]:
        work = self.i.workloads[self.b.workload[b]]
        return [
            (p, v)
            for p, pool in enumerate(self.i.pools)
            for v, variant in enumerate(work.variants)
            if pool.hardware in variant.profiles
            and (work.allowed_regions is None or pool.region in work.allowed_regions)
            and (work.slo_mode != "hard" or self.pi(b, p, v) <= Fraction(work.max_violation))
        ]

    def part(self, b: int, pool: int, variant: int, t: int, share: Fraction) -> Choice | None:
        """Serving a share from period t on, if it ends in time."""
        span = int(self.b.length[b]) if self.b.contiguous[b] else 1
        late = max(t + span - 1 - int(self.b.deadline[b]), 0)
        if t + span > PERIODS or late > self.i.grace_periods:
            return None
        n = int(self.b.requests[b]) * share
        work, pi = self.i.workloads[self.b.workload[b]], self.pi(b, pool, variant)
        on_time = Fraction(self.w.violation_weight) * pi * n if work.slo_mode == "priced" and not late else Fraction(0)
        return Choice(
            runs=tuple((pool, variant, t + k, share / span) for k in range(span)),
            starts=((pool, variant, t, share),),
            missed=Fraction(0),
            sla=on_time + Fraction(self.w.tardiness_weight) * n * late * self.hours,
            broken=n if late else pi * n,
        )

    def choices(self, b: int) -> list[Choice]:
        """Every way to serve or miss a whole batch, unsplit unless it is an interruptible job."""
        units = 1 if self.b.contiguous[b] else int(self.b.length[b])
        spots = [
            c
            for t in range(int(self.b.release[b]), PERIODS)
            for p, v in self.routes(b)
            if (c := self.part(b, p, v, t, Fraction(1, units)))
        ]
        if self.w.miss_weight is not None:
            n = Fraction(int(self.b.requests[b]), units)
            spots.append(Choice((), (), Fraction(1, units), Fraction(self.w.miss_weight) * n, n))
        picks = product(spots, repeat=units)
        return [joined(x) for x in picks if distinct([s[2] for c in x for s in c.starts])]

    @cached_property
    def fleets(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Every (servers, fewest started) that obeys (M3), (M3b), (M5)."""
        cells = [range(int(n) + 1) for n in self.i.servers.ravel()]
        found = []
        for levels in product(*cells):
            y = np.array(levels).reshape(self.i.servers.shape)
            u = np.maximum(np.diff(y, axis=1, prepend=[[p.initial_servers] for p in self.i.pools]), 0)
            if self.i.fleet_limit is not None and (y.sum(axis=0) > self.i.fleet_limit).any():
                continue
            if all(
                u[p, max(0, t - pool.min_uptime_periods + 1) : t + 1].sum() <= y[p, t]
                for p, pool in enumerate(self.i.pools)
                for t in range(PERIODS)
            ):
                found.append((y, u))
        return found

    def price(self, take: Take) -> Fraction:
        return Fraction(self.w.alpha) * take.carbon + Fraction(self.w.gamma) * take.cost

    def standing(self, y: np.ndarray, u: np.ndarray) -> Take:
        out = Take()
        for p, t in product(range(len(self.i.pools)), range(PERIODS)):
            out = out + self.active(p, t) * Fraction(int(y[p, t])) + self.startup(p, t) * Fraction(int(u[p, t]))
        return out

    def load(self, picked: tuple[Choice, ...]) -> dict[tuple[int, int], Fraction]:
        out: dict[tuple[int, int], Fraction] = {}
        for b, c in enumerate(picked):
            for p, v, t, share in c.runs:
                out[p, t] = out.get((p, t), Fraction(0)) + self.seconds(b, p, v) * int(self.b.requests[b]) * share
        return out

    def taken(self, picked: tuple[Choice, ...]) -> Take:
        out = Take()
        for b, c in enumerate(picked):
            for p, v, t, share in c.runs:
                out = out + self.served(b, p, v, t) * (share * int(self.b.requests[b]))
        return out

    def within_budgets(self, picked: tuple[Choice, ...]) -> bool:
        for w, work in enumerate(self.i.workloads):
            mine = [b for b in range(len(self.b)) if self.b.workload[b] == w]
            n = sum(int(self.b.requests[b]) for b in mine)
            if work.slo_budget is not None and sum(picked[b].broken for b in mine) > Fraction(work.slo_budget) * n:
                return False
        return True

    def within_caps(self, take: Take) -> bool:
        caps = self.i.caps
        pairs = ((take.carbon, caps.carbon_kg), (take.cost, caps.cost_usd), (take.energy, caps.energy_kwh))
        return all(limit is None or found <= Fraction(limit) for found, limit in pairs)

    def plans(self) -> Iterator[Combination]:
        """(feasible, objective, choices, servers, started) of every combination."""
        standing = (
            [(y, u, self.standing(y, u)) for y, u in self.fleets] if self.i.provisioning else [(None, None, Take())]
        )
        for picked in product(*(self.choices(b) for b in range(len(self.b)))):
            load, taken, budgets = self.load(picked), self.taken(picked), self.within_budgets(picked)
            sla = Fraction(self.w.beta) * sum(c.sla for c in picked)
            for y, u, more in standing:
                offered = self.i.servers if y is None else y
                fits = all(s <= self.rooms[p] * Fraction(float(offered[p, t])) for (p, t), s in load.items())
                whole = taken + more
                feasible = fits and budgets and self.within_caps(whole)
                yield feasible, self.price(whole) + sla, picked, y, u

    def lagrangian(self, m: Multipliers, *, wider: bool = False) -> Fraction:
        """MODEL.md 6, term by term; in cells that are `wider` than they are by more than any tolerance."""
        nu = {
            k: Fraction(m.caps.get(k, 0.0)) if getattr(self.i.caps, k) is not None else Fraction(0) for k in CAP_NAMES
        }
        mu = [
            Fraction(float(x)) if w.slo_budget is not None else Fraction(0)
            for x, w in zip(m.slo, self.i.workloads, strict=True)
        ]

        def charged(take: Take) -> Fraction:
            parts = nu["carbon_kg"] * take.carbon + nu["cost_usd"] * take.cost + nu["energy_kwh"] * take.energy
            return self.price(take) + parts

        def of(b: int, c: Choice) -> Fraction:
            out = Fraction(self.w.beta) * c.sla + mu[self.b.workload[b]] * c.broken
            for p, v, t, share in c.runs:
                unit = charged(self.served(b, p, v, t)) + Fraction(float(m.capacity[p, t])) * self.seconds(b, p, v)
                out += unit * share * int(self.b.requests[b])
            return out

        apart = self.apart(m)
        others = (b for b in range(len(self.b)) if b not in apart)
        out = sum((min(of(b, c) for c in self.choices(b)) for b in others), Fraction(0))
        out += self.knapsacks(m, of, wider=wider)
        out += self.server_part(m, charged)
        for w, work in enumerate(self.i.workloads):
            n = sum(int(k) for k in self.b.requests[self.b.workload == w])
            out -= mu[w] * Fraction(work.slo_budget or 0.0) * n
        for name, x in nu.items():
            out -= x * Fraction(getattr(self.i.caps, name) or 0.0)
        if self.i.provisioning and m.fleet is not None and self.i.fleet_limit is not None:
            out -= sum(
                Fraction(float(x)) * Fraction(float(k)) for x, k in zip(m.fleet, self.i.fleet_limit, strict=True)
            )
        if self.i.provisioning:
            out += sum((Fraction(c.multiplier) * self.needed(c) for c in m.cuts), Fraction(0))
        return out

    def apart(self, m: Multipliers) -> list[int]:
        """Whole batches that have a price of their own."""
        return [
            b
            for b in range(len(self.b))
            if m.batches is not None and self.b.job[b] < 0 and not self.i.workloads[self.b.workload[b]].splittable
        ]

    def knapsacks(self, m: Multipliers, of: Callable[[int, Choice], Fraction], *, wider: bool) -> Fraction:
        """Every choice of every cell."""
        if m.batches is None:
            return Fraction(0)
        out, apart, prices = Fraction(0), self.apart(m), {}
        for b in apart:
            prices[b] = Fraction(float(m.batches[self.b.workload[b], self.b.origin[b], self.b.release[b]]))
            missed = (of(b, c) - prices[b] for c in self.choices(b) if not c.runs)
            out += prices[b] + min([Fraction(0), *missed])
        for p, t in product(range(len(self.i.pools)), range(PERIODS)):
            here = [[c for c in self.choices(b) if c.runs and (c.runs[0][0], c.runs[0][2]) == (p, t)] for b in apart]
            room = self.rooms[p] * Fraction(float(self.i.servers[p, t]))
            room += Fraction(1e-4) * (3600 + room) if wider else 0
            best = Fraction(0)
            for picked in product(*([None, *found] for found in here)):
                used = [(b, c) for b, c in zip(apart, picked, strict=True) if c is not None]
                seconds = sum(self.seconds(b, p, c.runs[0][1]) * int(self.b.requests[b]) for b, c in used)
                if seconds <= room:
                    best = max(best, sum((prices[b] - of(b, c) for b, c in used), Fraction(0)))
            out -= best
        return out

    def server_part(self, m: Multipliers, charged: Callable[[Take], Fraction]) -> Fraction:
        out = Fraction(0)
        for p, pool in enumerate(self.i.pools):
            earned = [self.rooms[p] * Fraction(float(m.capacity[p, t])) for t in range(PERIODS)]
            if not self.i.provisioning:
                out -= sum(e * Fraction(float(n)) for e, n in zip(earned, self.i.servers[p], strict=True))
                continue
            price = [charged(self.active(p, t)) - earned[t] - self.cut_credit(m, p, t) for t in range(PERIODS)]
            if m.fleet is not None and self.i.fleet_limit is not None:
                price = [x + Fraction(float(f)) for x, f in zip(price, m.fleet, strict=True)]
            start = [charged(self.startup(p, t)) for t in range(PERIODS)]
            best = None
            for y in product(*(range(int(n) + 1) for n in self.i.servers[p])):
                before = (pool.initial_servers, *y)
                rises = [max(y[t] - before[t], 0) for t in range(PERIODS)]
                value = sum(
                    (price[t] * y[t] + max(start[t], Fraction(0)) * rises[t] for t in range(PERIODS)), Fraction(0)
                )
                best = value if best is None else min(best, value)
            out += best or Fraction(0)
            out += sum(
                (min(s, Fraction(0)) * int(n) for s, n in zip(start, self.i.servers[p], strict=True)), Fraction(0)
            )
        return out

    def cut_credit(self, m: Multipliers, p: int, t: int) -> Fraction:
        return sum(
            (Fraction(c.multiplier) for c in m.cuts if self.at(p) in c.regions and c.first <= t <= c.last), Fraction(0)
        )

    def needed(self, cut: Cut) -> int:
        """(C1)."""
        if self.w.miss_weight is not None:
            return 0
        inside = [p for p in range(len(self.i.pools)) if self.at(p) in cut.regions]
        seconds = Fraction(0)
        for b in range(len(self.b)):
            routes = self.routes(b)
            latest = min(int(self.b.deadline[b]) + self.i.grace_periods, PERIODS - 1)
            if not routes:  # it can run nowhere, and so nowhere else
                continue
            if {p for p, _ in routes} <= set(inside) and self.b.release[b] >= cut.first and latest <= cut.last:
                seconds += min(self.seconds(b, p, v) for p, v in routes) * int(self.b.requests[b])
        return ceil(seconds / max(self.rooms[p] for p in inside)) if inside else 0


CAP_NAMES = ("carbon_kg", "cost_usd", "energy_kwh")


def joined(parts: tuple[Choice, ...]) -> Choice:
    return Choice(
        runs=tuple(r for c in parts for r in c.runs),
        starts=tuple(s for c in parts for s in c.starts),
        missed=sum((c.missed for c in parts), Fraction(0)),
        sla=sum((c.sla for c in parts), Fraction(0)),
        broken=sum((c.broken for c in parts), Fraction(0)),
    )


def distinct(periods: list[int]) -> bool:
    """Increasing, so that each set of periods comes once."""
    return all(a < b for a, b in pairwise(periods))


def as_plan(picked: tuple[Choice, ...], y: np.ndarray | None, u: np.ndarray | None) -> Plan:
    rows = [(b, p, v, t, float(share)) for b, c in enumerate(picked) for p, v, t, share in c.starts]
    lost = [(b, float(c.missed)) for b, c in enumerate(picked) if c.missed]
    columns = [np.array([r[k] for r in rows], dtype=np.float64 if k == 4 else np.int64) for k in range(5)]
    return Plan(
        *columns,
        missed_batch=np.array([x[0] for x in lost], dtype=np.int64),
        missed_share=np.array([x[1] for x in lost], dtype=np.float64),
        servers=None if y is None else y.astype(np.float64),
        started=None if u is None else u.astype(np.float64),
    )


def random_workload(rng: np.random.Generator, k: int) -> Workload:
    def profile() -> Profile:
        service, seconds = rng.uniform(5, 40), rng.uniform(100, 1500)
        return Profile(service, rng.uniform(0, 8), seconds, rng.uniform(1e5, 4e6))

    names = [["gpu"], ["cpu"], ["gpu", "cpu"]]
    variants = [Variant("a", {"gpu": profile(), "cpu": profile()})]
    if rng.random() < 0.3:
        variants.append(Variant("b", {h: profile() for h in names[rng.integers(3)]}))
    mode = rng.choice(["hard", "budget", "priced"])
    return Workload(
        f"w{k}",
        tuple(variants),
        slo_ms=None if rng.random() < 0.3 else float(rng.uniform(60, 90)),
        slo_mode=mode,
        max_violation=float(rng.choice([0.3, 1.0])),
        slo_budget=float(rng.uniform(0.05, 0.7)) if rng.random() < 0.4 else None,
        slack_periods=int(rng.integers(3)),
        allowed_regions=None if rng.random() < 0.6 else (str(rng.choice(["x", "y"])),),
        bytes_in=float(rng.integers(10**9)),
        splittable=bool(rng.integers(2)),
    )


def random_job(rng: np.random.Generator, k: int) -> Job:
    length = int(rng.integers(1, 3))
    release = int(rng.integers(PERIODS - length + 1))
    deadline = int(rng.integers(release + length - 1, PERIODS))
    return Job(
        f"j{k}", f"w{rng.integers(2)}", "o0", release, deadline, length, bool(rng.integers(2)), int(rng.integers(1, 6))
    )


def random_instance(seed: int) -> Instance:
    rng = np.random.default_rng(seed)

    def pool(k: int) -> Pool:
        return Pool(
            f"p{k}",
            "xy"[k],
            str(rng.choice(["gpu", "cpu"])),
            idle_w=float(rng.uniform(0, 300)),
            startup_wh=float(rng.uniform(0, 200)),
            target_utilisation=float(rng.uniform(0.5, 1)),
            initial_servers=int(rng.integers(3)),
            min_uptime_periods=int(rng.integers(1, 4)),
            embodied_g_per_server_hour=float(rng.uniform(0, 30)),
            price_usd_per_server_hour=float(rng.uniform(0, 1)),
        )

    requests = np.zeros((2, 2, PERIODS), dtype=np.int64)
    for _ in range(rng.integers(1, 3)):
        requests[rng.integers(2), rng.integers(2), rng.integers(PERIODS)] = rng.integers(1, 6)
    provisioning = bool(rng.random() < 0.7)
    maybe = [bool(x) for x in rng.random(8) < 0.4]
    caps = [float(rng.uniform(1, 8)), float(rng.uniform(1, 8)), float(rng.uniform(5, 30))]
    return Instance(
        name="random",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=int(rng.choice([30, 60])),
        regions=(Region("x", "X", 1.25), Region("y", "Y", float(rng.uniform(1, 2)))),
        pools=(pool(0), pool(1)),
        origins=("o0", "o1"),
        workloads=(random_workload(rng, 0), random_workload(rng, 1)),
        carbon_intensity_g_per_kwh=rng.uniform(10, 500, (2, PERIODS)),
        carbon_kind=CarbonKind(),
        rtt_ms=rng.uniform(1, 85, (2, 2)),
        requests=requests,
        servers=rng.integers(0, 3, (2, PERIODS)) * 1.0,
        provisioning=provisioning,
        jitter_sd_ms=float(rng.choice([0, 3])),
        jobs=tuple(random_job(rng, k) for k in range(rng.integers(2))),
        fleet_limit=rng.integers(1, 4, PERIODS) * 1.0 if maybe[0] and provisioning else None,
        price_usd_per_kwh=rng.uniform(-0.3, 0.5, (2, PERIODS)) if maybe[1] else None,
        network_kwh_per_gb=rng.uniform(0, 0.1, (2, 2)) if maybe[2] else None,
        weights=Weights(
            alpha=float(rng.uniform(0, 2)),
            beta=float(rng.uniform(0.5, 2)),
            gamma=float(rng.choice([0.0, 0.7])),
            violation_weight=float(rng.uniform(0, 0.5)),
            tardiness_weight=float(rng.uniform(0, 0.5)),
            miss_weight=float(rng.uniform(0, 1)) if maybe[3] else None,
            carbon_price_usd_per_kg=float(rng.choice([0.0, 0.3])),
        ),
        grace_periods=int(rng.integers(2)),
        caps=Caps(*(c if m else None for c, m in zip(caps, maybe[4:], strict=False))),
    )


def random_multipliers(instance: Instance, seed: int) -> Multipliers:
    rng = np.random.default_rng([seed, 1])

    def sparse(shape: tuple[int, ...], scale: float) -> np.ndarray:
        return rng.uniform(0, scale, shape) * (rng.random(shape) < 0.6)

    cuts = [
        Cut(regions, int(first), int(rng.integers(first, PERIODS)), float(sparse((1,), 0.3)[0]))
        for regions, first in zip([(0,), (1,), (0, 1)], rng.integers(0, PERIODS, 3), strict=True)
    ]
    return Multipliers(
        capacity=sparse(instance.servers.shape, 2e-4),
        slo=sparse((2,), 0.5),
        fleet=sparse((PERIODS,), 0.2) if rng.random() < 0.7 else None,
        caps={name: float(sparse((1,), 0.5)[0]) for name in CAP_NAMES},
        cuts=tuple(cuts),
    )


def whole_instance(seed: int) -> Instance:
    """One whose first workload at least may not be split, with a batch more of it."""
    instance, rng = random_instance(seed), np.random.default_rng([seed, 2])
    first, second = instance.workloads
    requests = instance.requests.copy()
    requests[0, rng.integers(2), rng.integers(PERIODS)] = rng.integers(1, 6)
    return instance.replace(workloads=(replace(first, splittable=False), second), requests=requests)


def with_prices(instance: Instance, seed: int) -> Multipliers:
    """Batches cost some 0 to 3 kg here."""
    rng = np.random.default_rng([seed, 3])
    prices = rng.uniform(-0.5, rng.choice([0.5, 2.0, 6.0]), instance.requests.shape)
    return replace(random_multipliers(instance, seed), batches=prices)


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_the_bound_is_the_exact_lagrangian_rounded_down(seed: int) -> None:
    instance = random_instance(seed)
    exact, multipliers = Exact(instance), random_multipliers(instance, seed)
    found = lower_bound(instance, multipliers)
    if not all(exact.choices(b) for b in range(len(exact.b))):
        assert found == exact_bound(instance, multipliers) == np.inf
        return
    value = exact.lagrangian(multipliers)
    assert exact_bound(instance, multipliers) == value
    assert Fraction(found) <= value
    assert float(value - Fraction(found)) <= 1e-11 * (1 + abs(float(value)))


@settings(max_examples=150, deadline=None)
@given(SEEDS)
def test_with_prices_of_whole_batches_it_is_the_exact_lagrangian_too(seed: int) -> None:
    instance = whole_instance(seed)
    exact, multipliers = Exact(instance), with_prices(instance, seed)
    found, apart = lower_bound(instance, multipliers), exact.apart(multipliers)
    if not all(exact.choices(b) for b in range(len(exact.b)) if b not in apart):
        assert found == exact_bound(instance, multipliers) == np.inf
        return
    value, least = exact.lagrangian(multipliers), exact.lagrangian(multipliers, wider=True)
    assert exact_bound(instance, multipliers) == value
    assert Fraction(found) <= value
    assert float(least - Fraction(found)) <= 1e-11 * (1 + abs(float(least)))


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_with_prices_of_whole_batches_it_lies_below_every_feasible_plan(seed: int) -> None:
    instance = whole_instance(seed)
    bound = lower_bound(instance, with_prices(instance, seed))
    everything = islice(Exact(instance).plans(), MOST)
    assert all(Fraction(bound) <= objective for feasible, objective, *_ in everything if feasible)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_bound_lies_below_every_feasible_plan_and_the_judge_agrees_with_enumeration(seed: int) -> None:
    instance = random_instance(seed)
    bound = lower_bound(instance, random_multipliers(instance, seed))
    everything = list(islice(Exact(instance).plans(), MOST))
    rng = np.random.default_rng(seed)
    for k in rng.permutation(len(everything))[:8]:
        feasible, objective, *plan = everything[k]
        verdict = check(instance, as_plan(*plan))
        assert bool(verdict.violations) != feasible
        assert verdict.objective.total == pytest.approx(float(objective), rel=1e-12)
        assert float(exact_objective(instance, as_plan(*plan))) == pytest.approx(float(objective), rel=1e-14)
    assert all(Fraction(bound) <= objective for feasible, objective, *_ in everything if feasible)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_the_oracle_finds_the_least_of_all_whole_plans(seed: int) -> None:
    instance = random_instance(seed)
    whole = instance.replace(workloads=tuple(replace(w, splittable=False) for w in instance.workloads))
    everything = list(islice(Exact(whole).plans(), MOST))
    assume(len(everything) < MOST)
    assume((options(whole).startup.price >= 0).all())  # a tariff that pays for starts buys more than there are rises
    least = min((objective for feasible, objective, *_ in everything if feasible), default=None)
    if least is None:
        with pytest.raises(Infeasible):
            solve(whole)
    else:
        assert solve(whole, gap=1e-9).objective.total == pytest.approx(float(least), rel=1e-7, abs=1e-9)
