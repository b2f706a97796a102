"""Sensitivity: one property of an instance, or the forecast's error, varied while all else stays."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from planner.bounds.anchors import worst_plan
from planner.domain.instance import Instance, Job, Workload
from planner.domain.options import routes
from planner.errors import Infeasible, LimitReached, UsageError
from planner.metrics.equal_rate import violations_are_free
from planner.metrics.gaps import GapRow, Oracle, gap_table
from planner.registry import did_you_mean
from planner.solve.oracle import solve
from planner.verify.judge import check

Axis = Callable[[Instance, float], Instance]


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """One value of an axis: the rows of the optimum and of every policy, or why there are none."""

    axis: str
    value: float
    rows: tuple[GapRow, ...] = ()
    error: str | None = None


def sweep(
    instance: Instance,
    axis: str,
    values: Sequence[float],
    policies: Iterable[str] = (),
    *,
    forecast: str = "persistence",
    seed: int = 0,
    oracle: Oracle = solve,
) -> Iterator[SweepPoint]:
    """Solve and replay at each value of an axis of `AXES`; a value without a plan gives a point with its error.

    UsageError: an unknown axis, or one that the instance cannot be varied along.
    """
    if axis not in AXES:
        raise UsageError(f"no axis {axis!r}: {did_you_mean(axis, AXES)}")
    specs, known = list(policies), None
    for value in values:
        changed = AXES[axis](instance, value)
        told = f"noisy:error={value:g}" if axis == FORECAST_ERROR else forecast
        try:
            # along the forecast's error the instance stays, and with it the optimum
            known = oracle(changed) if known is None or changed is not instance else known
        except (Infeasible, LimitReached) as error:
            yield SweepPoint(axis, value, error=str(error))
            continue
        rows = gap_table(changed, specs, result=known, forecast=told, seed=seed, oracle=oracle)
        yield SweepPoint(axis, value, tuple(rows))


def alpha(instance: Instance, value: float) -> Instance:
    """`value` on carbon, 1 - `value` on cost, violations and lateness; misses keep their price.

    Where violations are free each weighs as much as a request's part of the carbon between optimum and worst schedule.
    UsageError: nothing stands against carbon.
    """
    weights = instance.weights
    violation = _violation_weight(instance) if violations_are_free(instance) else weights.violation_weight
    if not (violation or weights.gamma or instance.grace_periods):
        raise UsageError("--axis alpha: this instance weighs nothing against carbon (gamma, violation_weight)")
    rest = 1 - value
    return instance.replace(
        weights=replace(
            weights,
            alpha=value,
            gamma=rest * weights.gamma,
            violation_weight=rest * violation,
            tardiness_weight=rest * weights.tardiness_weight,
        )
    )


@lru_cache(maxsize=1)  # asked again for every value
def _violation_weight(instance: Instance) -> float:
    """kg of carbon a violation: the min-max normalisation of both by the anchors of MODEL.md 7."""
    worst, best = worst_plan(instance), solve(instance).objective
    if worst is None:
        raise UsageError("--axis alpha: no worst schedule was found to weigh violations by; set violation_weight")
    return (check(instance, worst).objective.carbon_kg - best.carbon_kg) / best.requests


def slack(instance: Instance, value: float) -> Instance:
    """Every wait times `value`, rounded down to whole periods."""
    return _waits(instance, lambda periods: int(periods * value + 1e-9))


def slack_limit(instance: Instance, value: float) -> Instance:
    """No wait longer than `value` hours."""
    return _waits(instance, lambda periods: min(periods, int(value / instance.step_hours + 1e-9)))


def _waits(instance: Instance, change: Callable[[int], int]) -> Instance:
    def work(w: Workload) -> Workload:
        return replace(w, slack_periods=change(w.slack_periods))

    def job(j: Job) -> Job:
        soonest = j.release + j.length - 1
        return replace(j, deadline=soonest + change(j.deadline - soonest))

    return instance.replace(workloads=tuple(map(work, instance.workloads)), jobs=tuple(map(job, instance.jobs)))


def capacity(instance: Instance, value: float) -> Instance:
    """Every pool's servers, and the fleet limit, times `value`, rounded to whole servers."""
    limit = None if instance.fleet_limit is None else np.round(instance.fleet_limit * value)
    return instance.replace(servers=np.round(instance.servers * value), fleet_limit=limit)


def idle_capacity(instance: Instance, value: float) -> Instance:
    """Servers in their proportions, so many that all work leaves a share `value` of them idle (rounded up per pool).

    Each request is counted with the fewest server-seconds of its options. After Sukprasert et al., "On the Limitations
    of Carbon-Aware Temporal and Spatial Workload Shifting in the Cloud", EuroSys 2024.
    """
    if not np.isfinite(instance.servers).all():
        raise UsageError("--axis idle-capacity: this instance has pools without a limit")
    if not 0 <= value < 1:
        raise UsageError(f"--axis idle-capacity={value:g}: a share of at least 0 and below 1 is expected")
    pools = np.array([3600 * instance.step_hours * p.target_utilisation for p in instance.pools])
    offered = float((instance.servers * pools[:, None]).sum())
    factor = _least_load(instance) / (1 - value) / offered
    return instance.replace(servers=np.ceil(instance.servers * factor - 1e-9))


def _least_load(instance: Instance) -> float:
    """Server-seconds of all requests, each on its fastest route."""
    site, batches = routes(instance), instance.batches()
    fastest = [
        min(site.server_seconds[(site.workload == w) & site.feasible[o]], default=0.0)
        for w, o in zip(batches.workload.tolist(), batches.origin.tolist(), strict=True)
    ]
    return float(np.dot(fastest, batches.requests))


def rtt_limit(instance: Instance, value: float) -> Instance:
    """Every latency SLO times `value`."""
    limits = (w if w.slo_ms is None else replace(w, slo_ms=w.slo_ms * value) for w in instance.workloads)
    return instance.replace(workloads=tuple(limits))


def _unchanged(instance: Instance, value: float) -> Instance:  # noqa: ARG001 - an axis takes a value
    return instance


FORECAST_ERROR = "forecast-error"
AXES: Mapping[str, Axis] = {
    "alpha": alpha,
    "capacity": capacity,
    FORECAST_ERROR: _unchanged,
    "idle-capacity": idle_capacity,
    "rtt-limit": rtt_limit,
    "slack": slack,
    "slack-limit": slack_limit,
}
