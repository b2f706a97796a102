"""The request-level replay: every request drawn, queued at its pool, and measured (MODEL.md 8)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner import registry
from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Options, options
from planner.domain.plan import Plan
from planner.domain.protocols import Forecaster, Policy
from planner.domain.results import FEASIBILITY, Objective, Verdict, Violation
from planner.replay.dispatch import Dispatch, counted, dispatched
from planner.replay.draws import STUDY_SEED, Draws, draws
from planner.replay.latency import Met, Outcome
from planner.replay.loop import replay
from planner.replay.pools import Queued, queued
from planner.replay.single import RequestPolicy, one_by_one
from planner.replay.static import without_series
from planner.replay.stream import Stream, stream
from planner.verify.judge import check


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """All requests of an instance and what chance gives them, shared by the policies that are compared."""

    account: Options
    stream: Stream
    chance: Draws

    @classmethod
    def of(cls, instance: Instance, seed: int) -> "Crowd":
        """UsageError: too many requests to replay one by one."""
        requests = stream(instance)
        return cls(options(instance), requests, draws(instance, len(requests), seed))


@dataclass(frozen=True, slots=True, eq=False)
class RequestReplay:
    """One policy's run, request by request.

    `plan` and the verdict's objective count the requests as they were dealt to routes and violations as they came out;
    the verdict's violations of rules are those of the policy's own plan. `by_workload` and `requests_by_region` follow
    the instance's order; `utilisation` (P,) is NaN for a pool without a limit; `latency_ms` is of every request served.
    """

    policy: str
    regime: str
    uses_future: bool
    plan: Plan
    verdict: Verdict
    decision_us_per_request: float
    overall: Met
    by_workload: tuple[Met, ...]
    requests_by_region: Ints
    utilisation: Floats
    latency_ms: Floats


def replay_requests(
    instance: Instance,
    policy: str | Policy,
    *,
    forecast: str | Forecaster = "persistence",
    seed: int = STUDY_SEED,
    crowd: Crowd | None = None,
) -> RequestReplay:
    """Play a policy, then every single request of it.

    Most policies decide by the hour and their shares are dealt to requests; one that routes single requests (a
    `RequestPolicy`) is asked for each. `crowd` is the instance's, drawn with `seed`, where several policies share it.
    Jobs hold their servers but are no requests. PolicyError: as in the hourly replay.
    """
    everyone = Crowd.of(instance, seed) if crowd is None else crowd
    decided = _decided(everyone, policy, forecast, seed)
    site = everyone.account.routes
    plan = counted(instance, everyone.stream, decided.dispatch, site, decided.plan)
    line = queued(everyone.account, everyone.stream, everyone.chance, decided.dispatch, plan)
    outcome = _outcome(everyone, decided.dispatch, line)
    verdict = check(instance, plan)
    by_workload = tuple(outcome.met(rows) for rows in _by_workload(instance, everyone.stream))
    objective = _realised(everyone, decided.dispatch, outcome, verdict.objective)
    if decided.broken is None:
        broken = (*(v for v in verdict.violations if v.rule != "M11"), *_over_budget(instance, by_workload))
    else:
        broken = decided.broken
    return RequestReplay(
        policy=decided.policy,
        regime=decided.regime,
        uses_future=decided.uses_future,
        plan=plan,
        verdict=replace(verdict, violations=broken, objective=objective),
        decision_us_per_request=decided.us_per_request,
        overall=outcome.met(),
        by_workload=by_workload,
        requests_by_region=_by_region(instance, everyone, decided.dispatch),
        utilisation=line.utilisation,
        latency_ms=outcome.latency_ms[outcome.served],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Decided:
    """What a policy decided; `broken` None: its plan is the one that the requests were counted into."""

    policy: str
    regime: str
    uses_future: bool
    dispatch: Dispatch
    plan: Plan
    broken: tuple[Violation, ...] | None
    us_per_request: float


def _decided(everyone: Crowd, policy: str | Policy, forecast: str | Forecaster, seed: int) -> _Decided:
    instance = everyone.account.instance
    player = policy
    if isinstance(policy, str):
        player = registry.load("planner.policies", policy, seed=seed, instance=without_series(instance))
    if isinstance(player, RequestPolicy):
        return _one_by_one(everyone, player, policy if isinstance(policy, str) else type(policy).__name__)
    run = replay(instance, policy, forecast=forecast, seed=seed)
    return _Decided(
        policy=run.policy,
        regime=run.regime,
        uses_future=run.uses_future,
        dispatch=dispatched(everyone.stream, run.plan, everyone.account.routes),
        plan=run.plan,
        broken=run.verdict.violations,
        us_per_request=run.decision_us_per_request,
    )


def _one_by_one(everyone: Crowd, player: RequestPolicy, name: str) -> _Decided:
    none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
    dispatch, seconds = one_by_one(everyone.account, everyone.stream, everyone.chance, player)
    return _Decided(
        policy=name,
        regime=player.regime,
        uses_future=player.regime == "clairvoyant",
        dispatch=dispatch,
        plan=Plan(none, none, none, none, nothing, none, nothing),
        broken=None,
        us_per_request=seconds * 1e6 / max(1, len(everyone.stream)),
    )


def _outcome(everyone: Crowd, dispatch: Dispatch, line: Queued) -> Outcome:
    instance, requests = everyone.account.instance, everyone.stream
    served = dispatch.route >= 0
    region = everyone.account.routes.region[np.where(served, dispatch.route, 0)]
    queueing = np.where(served, 1e3 * line.wait_s, np.nan)
    slo = np.array([np.inf if w.slo_ms is None else w.slo_ms for w in instance.workloads])
    deadline = instance.batches().deadline
    return Outcome(
        served=served,
        late=served & (dispatch.period > deadline[requests.batch]),
        latency_ms=instance.rtt_ms[requests.origin, region] + line.service_ms + everyone.chance.jitter_ms + queueing,
        queueing_ms=queueing,
        slo_ms=slo[requests.workload],
        carbon_intensity=instance.carbon_intensity_g_per_kwh[region, dispatch.period],
    )


def _realised(everyone: Crowd, dispatch: Dispatch, outcome: Outcome, expected: Objective) -> Objective:
    """The objective with violations as they came out in place of the expected ones (O6)."""
    instance, requests = everyone.account.instance, everyone.stream
    timely = outcome.served & ~outcome.late
    probable = np.zeros(len(requests))
    probable[timely] = everyone.account.routes.violation[requests.origin[timely], dispatch.route[timely]]
    priced = np.array([work.slo_mode == "priced" for work in instance.workloads])[requests.workload]
    surplus = outcome.violated - probable
    sla = expected.sla + instance.weights.violation_weight * float(surplus[priced].sum())
    of_jobs = expected.slo_violations - float(probable.sum()) if instance.jobs else 0.0
    return replace(
        expected,
        sla=sla,
        total=expected.total + instance.weights.beta * (sla - expected.sla),
        parts={**expected.parts, "O6": sla},
        slo_violations=of_jobs + int(outcome.violated.sum()),
    )


def _over_budget(instance: Instance, by_workload: tuple[Met, ...]) -> Iterator[Violation]:
    """(M11) by the violations that came out, of a policy whose plan is nothing but them."""
    for work, met in zip(instance.workloads, by_workload, strict=True):
        allowed = np.inf if work.slo_budget is None else work.slo_budget * met.requests
        found = met.violation_rate * met.requests
        if found - allowed > FEASIBILITY * max(1.0, allowed):
            told = f"{found:.9g} requests violate, are late or missed, limit {allowed:.9g}"
            yield Violation("M11", work.name, told, found - allowed)


def _by_workload(instance: Instance, requests: Stream) -> list[Ints]:
    """Rows of each workload, in order."""
    order = np.argsort(requests.workload, kind="stable")
    return np.split(order, np.searchsorted(requests.workload[order], np.arange(1, len(instance.workloads))))


def _by_region(instance: Instance, everyone: Crowd, dispatch: Dispatch) -> Ints:
    region = everyone.account.routes.region[dispatch.route[dispatch.route >= 0]]
    return np.bincount(region, minlength=len(instance.regions))
