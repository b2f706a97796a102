"""Good plans to break: small instances written by hand, each plan's servers and places chosen by eye."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from planner.domain.instance import (
    Caps,
    CarbonKind,
    HourMapRule,
    Instance,
    Job,
    Pool,
    Profile,
    Region,
    Variant,
    Weights,
    Workload,
)
from planner.domain.plan import Plan
from planner.domain.results import Verdict
from planner.verify.judge import check

NORTH, SOUTH, OLD = 0, 1, 2  # pools
Row = tuple[int, int, int, int, float]  # batch, pool, variant, period, share


@dataclass(frozen=True)
class Case:
    """An instance and a plan that the judge accepts."""

    instance: Instance
    plan: Plan

    def rules(self, plan: Plan | None = None, instance: Instance | None = None, **claims: Any) -> list[str]:
        """The rules that a changed plan (or the plan on a changed instance) breaks, each once."""
        return sorted({v.rule for v in self.verdict(plan, instance, **claims).violations})

    def verdict(self, plan: Plan | None = None, instance: Instance | None = None, **claims: Any) -> Verdict:
        return check(instance or self.instance, plan or self.plan, **claims)

    def row(self, k: int, **changes: Any) -> Plan:
        """The plan with some entries of its k-th row changed."""
        columns = {name: getattr(self.plan, name).copy() for name in changes}
        for name, value in changes.items():
            columns[name][k] = value
        return self.plan.replace(**columns)

    def plus(self, *rows: Row) -> Plan:
        """The plan with more rows."""
        return self.plan.replace(**columns([*rows_of(self.plan), *rows]))

    def without(self, *gone: int) -> Plan:
        """The plan without some rows."""
        return self.plan.replace(**columns([r for k, r in enumerate(rows_of(self.plan)) if k not in gone]))

    def servers(self, *changes: tuple[str, int, int, float]) -> Plan:
        """The plan with (table, pool, period, increase) added to its servers and start-ups."""
        tables = {"servers": self.plan.servers.copy(), "started": self.plan.started.copy()}
        for name, pool, period, increase in changes:
            tables[name][pool, period] += increase
        return self.plan.replace(**tables)


def rows_of(plan: Plan) -> list[Row]:
    return list(zip(plan.batch, plan.pool, plan.variant, plan.period, plan.share, strict=True))


def columns(rows: list[Row]) -> dict[str, np.ndarray]:
    names = ("batch", "pool", "variant", "period", "share")
    return {
        n: np.array([r[k] for r in rows], dtype=np.float64 if n == "share" else np.int64) for k, n in enumerate(names)
    }


def plan_of(rows: list[Row], **more: Any) -> Plan:
    return Plan(**columns(rows), missed_batch=np.zeros(0, np.int64), missed_share=np.zeros(0), **more)


def profile(service_ms: float, seconds: float, joules: float) -> Profile:
    return Profile(service_ms, 4.0, seconds, joules)


@pytest.fixture
def fleet() -> Case:
    """Provisioning, four hours, three pools; no lateness, no misses.

    Batches: 0 chat from oslo (slack 1), 1 mail from berlin (south only, priced SLO, slack 2), 2 scan (unsplittable,
    slack 3), 3 a contiguous job of two hours, 4 an interruptible job of two hours.
    """
    chat = Workload("chat", (Variant("llm", {"gpu": profile(30, 2.0, 900)}),), 100.0, "hard", 0.05, slack_periods=1)
    mail = Workload(
        "mail",
        (
            Variant("big", {"gpu": profile(40, 1.0, 500), "cpu": profile(42, 3.0, 800)}),
            Variant("small", {"gpu": profile(10, 0.5, 200)}),
        ),
        60.0,
        "priced",
        slo_budget=0.25,
        slack_periods=2,
        allowed_regions=("south",),
        bytes_in=4e6,
        bytes_out=1e6,
    )
    scan = Workload("scan", (Variant("net", {"gpu": profile(20, 0.25, 100)}),), slack_periods=3, splittable=False)
    requests = np.zeros((3, 2, 4), dtype=np.int64)
    requests[0, 0, 0], requests[1, 1, 0], requests[2, 0, 0] = 3000, 2000, 400
    instance = Instance(
        name="fleet",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=60,
        regions=(Region("north", "NO", 1.1), Region("south", "DE", 1.3)),
        pools=(
            Pool("north-gpu", "north", "gpu", 50.0, None, 20.0, 0.8, 2, 1, 10.0, 0.5),
            Pool("south-gpu", "south", "gpu", 60.0, None, 30.0, 0.8, 1, 2, 12.0, 0.6),
            Pool("south-cpu", "south", "cpu", 80.0, None, 25.0, 0.9, 0, 1, 5.0, 0.2),
        ),
        origins=("oslo", "berlin"),
        workloads=(chat, mail, scan),
        carbon_intensity_g_per_kwh=np.array([[30.0, 25, 20, 28], [400, 350, 300, 380]]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[10.0, 50], [12, 12]]),
        requests=requests,
        servers=np.full((3, 4), 5.0),
        provisioning=True,
        jitter_sd_ms=3.0,
        jobs=(Job("train", "scan", "oslo", 1, 3, 2, True, 100), Job("index", "scan", "oslo", 0, 2, 2, False, 100)),
        fleet_limit=np.full(4, 8.0),
        price_usd_per_kwh=np.array([[0.05] * 4, [0.3] * 4]),
        network_kwh_per_gb=np.array([[0.01, 0.02], [0.02, 0.01]]),
        weights=Weights(alpha=1.0, beta=0.5, gamma=0.1, violation_weight=0.01, carbon_price_usd_per_kg=0.08),
        caps=Caps(carbon_kg=20.0, cost_usd=40.0, energy_kwh=20.0),
    )
    rows = [
        (0, NORTH, 0, 0, 0.5),
        (0, NORTH, 0, 1, 0.5),
        (1, SOUTH, 0, 1, 1.0),
        (2, NORTH, 0, 2, 1.0),
        (3, NORTH, 0, 2, 1.0),
        (4, NORTH, 0, 0, 0.5),
        (4, NORTH, 0, 2, 0.5),
    ]
    servers = np.array([[2.0] * 4, [1.0] * 4, [2.0] * 4])
    started = np.zeros((3, 4))
    started[OLD, 0] = 2.0
    return Case(instance, plan_of(rows, servers=servers, started=started))


@pytest.fixture
def soft() -> Case:
    """No provisioning; requests may be late by one hour or missed, and a budget limits both. One pool a region."""
    work = Workload(
        "web", (Variant("m", {"gpu": profile(20, 1.0, 400)}),), 60.0, "budget", slo_budget=0.1, slack_periods=1
    )
    requests = np.zeros((1, 1, 4), dtype=np.int64)
    requests[0, 0] = 1000
    instance = Instance(
        name="soft",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=30,
        regions=(Region("near", "DE", 1.2), Region("far", "SE", 1.1)),
        pools=(Pool("near-gpu", "near", "gpu"), Pool("far-gpu", "far", "gpu")),
        origins=("bonn",),
        workloads=(work,),
        carbon_intensity_g_per_kwh=np.array([[300.0] * 4, [20.0] * 4]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[5.0, 40.0]]),  # far: half of the requests take longer than 60 ms
        requests=requests,
        servers=np.array([[1.0] * 4, [np.inf] * 4]),
        weights=Weights(tardiness_weight=0.01, miss_weight=0.02),
        grace_periods=1,
    )
    rows = [
        (0, 0, 0, 0, 0.9),
        (0, 1, 0, 0, 0.1),
        (1, 0, 0, 1, 0.9),
        (1, 0, 0, 3, 0.1),
        (2, 0, 0, 2, 1.0),
        (3, 0, 0, 3, 0.9),
    ]
    lost = {"missed_batch": np.array([3]), "missed_share": np.array([0.1])}
    return Case(instance, plan_of(rows).replace(**lost))


@pytest.fixture
def mapped() -> Case:
    """(M10) with at most one switch and a dwell of two hours; one workload with a batch an hour and a job of two."""
    work = Workload("web", (Variant("m", {"gpu": profile(20, 1.0, 400)}),), slack_periods=0)
    requests = np.zeros((1, 1, 6), dtype=np.int64)
    requests[0, 0] = 100
    instance = Instance(
        name="mapped",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=60,
        regions=(Region("a", "DE"), Region("b", "SE")),
        pools=(Pool("a-gpu", "a", "gpu"), Pool("b-gpu", "b", "gpu")),
        origins=("bonn",),
        workloads=(work,),
        carbon_intensity_g_per_kwh=np.array([[10.0, 10, 10, 90, 90, 90], [50.0] * 6]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[5.0, 40.0]]),
        requests=requests,
        servers=np.full((2, 6), np.inf),
        jobs=(Job("train", "web", "bonn", 0, 5, 2, True, 10),),
        hour_map=HourMapRule(max_switches=1, min_dwell_periods=2),
    )
    line = [0, 0, 0, 1, 1, 1]
    rows = [(t, line[t], 0, t, 1.0) for t in range(6)] + [(6, 1, 0, 4, 1.0)]
    return Case(instance, plan_of(rows, hour_map=np.array([line])))
