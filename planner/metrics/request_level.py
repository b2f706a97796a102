"""Policies request by request: as they ran, and beside the bound that knows every latency (MODEL.md 8)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from planner.domain.instance import Instance
from planner.domain.protocols import Forecaster, Policy
from planner.errors import PolicyError
from planner.metrics.gaps import GapRow, relative_gap
from planner.metrics.request_bound import RequestBound, RequestOracle
from planner.replay.draws import STUDY_SEED
from planner.replay.requests import Crowd, RequestReplay, replay_requests

# The study's seven rules and the honest forms of the last one; what is compared unless policies are named.
STUDY = (
    "latency-first",
    "carbon-first",
    *(f"hybrid:alpha={alpha}" for alpha in (0.2, 0.3, 0.5, 0.7)),
    "constrained-hybrid-published",
    "constrained-hybrid",
    "constrained-hybrid:k_sd=2",
)
REFERENCE = "latency-first"  # what the study's reductions are counted from


@dataclass(frozen=True, slots=True, eq=False)
class RequestRow:
    """One policy at request level; `run` is None where it failed.

    `least_intensity` is the least mean carbon intensity (g/kWh) with the policy's number of violations by workload,
    None where requests may be missed; `reduction` the share of mean carbon intensity saved against latency-first.
    """

    row: GapRow
    seed: int
    run: RequestReplay | None = None
    least_intensity: float | None = None
    reduction: float | None = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A bound that belongs to no policy, with the least mean carbon intensity (g/kWh) of its violations."""

    name: str
    bound: RequestBound
    least_intensity: float | None


def request_rows(
    instance: Instance,
    policies: Iterable[str | Policy],
    *,
    forecast: str | Forecaster = "persistence",
    seed: int = STUDY_SEED,
) -> list[RequestRow]:
    """Replay each policy with the same random numbers; one that fails gives a row with its error."""
    crowd = Crowd.of(instance, seed)
    return _reduced([_attempt(crowd, policy, forecast, seed) for policy in policies])


def request_gaps(
    instance: Instance,
    policies: Iterable[str | Policy],
    *,
    forecast: str | Forecaster = "persistence",
    seed: int = STUDY_SEED,
) -> tuple[list[RequestRow], list[Anchor]]:
    """The same rows beside the request-level bound at each policy's own number of violations by workload.

    The anchors are the bounds with as few violations as possible and with as many as one likes. BoundAboveObjective: a
    policy's plan is better than a bound.
    """
    crowd = Crowd.of(instance, seed)
    rows = _reduced([_attempt(crowd, policy, forecast, seed) for policy in policies])
    yardstick = _Yardstick(crowd)
    return [yardstick.measured(row) for row in rows], yardstick.anchors()


class _Yardstick:
    """The request-level bounds of the objective and of the carbon intensity."""

    def __init__(self, crowd: Crowd) -> None:
        instance, site = crowd.account.instance, crowd.account.routes
        self._requests = len(crowd.stream)
        self._whole = np.bincount(crowd.stream.workload, minlength=len(instance.workloads))
        self._objective = RequestOracle(crowd)
        all_served = instance.weights.miss_weight is None and self._requests > 0
        intensity = instance.carbon_intensity_g_per_kwh[site.region]
        self._intensity = RequestOracle(crowd, intensity) if all_served else None

    def measured(self, row: RequestRow) -> RequestRow:
        """A policy with its gap; one that breaks a hard rule has none."""
        if row.run is None or row.row.objective is None or row.row.violations:
            return row
        met = row.run.by_workload
        allowed = np.array([m.violations + m.late + m.unserved for m in met], dtype=np.int64)
        bound = self._objective.bound(allowed)
        if bound is None:
            return row
        gap = relative_gap(row.row.objective.total, bound.total)
        measured = replace(row.row, bound=bound.total, bound_kind="equal-violation-rate", gap_to_bound=gap)
        return replace(row, row=measured, least_intensity=self._least(bound))

    def anchors(self) -> list[Anchor]:
        """The fewest violations, and any number of them."""
        limits = {"fewest violations": self._objective.fewest, "any violations": self._whole}
        bounds = {name: self._objective.bound(allowed) for name, allowed in limits.items()}
        return [Anchor(name, bound, self._least(bound)) for name, bound in bounds.items() if bound is not None]

    def _least(self, bound: RequestBound) -> float | None:
        found = self._intensity.bound(bound.allowed) if self._intensity else None
        return None if found is None else found.total / self._requests


def _attempt(crowd: Crowd, policy: str | Policy, forecast: str | Forecaster, seed: int) -> RequestRow:
    try:
        run = replay_requests(crowd.account.instance, policy, forecast=forecast, seed=seed, crowd=crowd)
    except PolicyError as error:
        name = policy if isinstance(policy, str) else type(policy).__name__
        return RequestRow(GapRow(policy=name, regime=None, uses_future=False, error=str(error)), seed)
    return RequestRow(_row(run), seed, run)


def _row(run: RequestReplay) -> GapRow:
    objective = run.verdict.objective
    requests = max(1.0, objective.requests)
    return GapRow(
        policy=run.policy,
        regime=run.regime,
        uses_future=run.uses_future,
        objective=objective,
        slo_violation_rate=objective.slo_violations / requests,
        missed_rate=objective.missed / requests,
        violations=run.verdict.violations,
        decision_us_per_request=run.decision_us_per_request,
    )


def _reduced(rows: list[RequestRow]) -> list[RequestRow]:
    """Rows with what they save against latency-first, where that is among them."""
    known = (_intensity(row) for row in rows if row.row.policy == REFERENCE)
    reference = next((value for value in known if value), None)
    if reference is None:
        return rows
    intensities = [(row, _intensity(row)) for row in rows]
    return [row if ci is None else replace(row, reduction=1 - ci / reference) for row, ci in intensities]


def _intensity(row: RequestRow) -> float | None:
    return row.run.overall.mean_carbon_intensity if row.run else None
