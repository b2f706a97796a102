"""What a plan serves: where, how clean, with how many violations by workload."""

from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Routes, routes
from planner.domain.plan import Plan
from planner.domain.results import FEASIBILITY


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """Of a plan: requests by region (R,), their mean carbon intensity (g/kWh, None where nothing is served) and the
    share of each workload's requests that violate (W,), counted as (M11) does."""

    requests_by_region: Floats
    mean_carbon_intensity: float | None
    violation_rate: Floats


def served(instance: Instance, plan: Plan) -> Served:
    """Sum a plan up; a job's requests count in equal parts in each of its periods."""
    batches = instance.batches()
    requests = plan.share * batches.requests[plan.batch]
    region = instance.pool_region[plan.pool]
    length = np.where(batches.contiguous, batches.length, 1)[plan.batch]
    through = np.cumsum(np.pad(instance.carbon_intensity_g_per_kwh, ((0, 0), (1, 0))), axis=1)
    intensity = (through[region, plan.period + length] - through[region, plan.period]) / length
    total = float(requests.sum())
    return Served(
        requests_by_region=_totals(region, requests, len(instance.regions)),
        mean_carbon_intensity=float(requests @ intensity) / total if total > 0 else None,
        violation_rate=_violation_rate(instance, plan, length),
    )


def unserved(instance: Instance, plan: Plan) -> float:
    """Requests that a plan does not serve: missed, or left out without a word."""
    requests = instance.batches().requests
    left = 1.0 - np.bincount(plan.batch, plan.share, len(requests))
    return float(requests @ np.where(left > FEASIBILITY, left, 0.0))


def _violation_rate(instance: Instance, plan: Plan, length: Ints) -> Floats:
    """(W,) V / n of (M11): expected violations on time, and all that is late or missed, once each."""
    batches = instance.batches()
    late = plan.period + length - 1 > batches.deadline[plan.batch]
    weight = np.where(late, 1.0, _violation(routes(instance), batches.workload, batches.origin, plan))
    share = np.zeros(len(batches))
    np.add.at(share, plan.batch, plan.share * weight)
    np.add.at(share, plan.missed_batch, plan.missed_share)
    size = len(instance.workloads)
    violated = _totals(batches.workload, share * batches.requests, size)
    return violated / np.maximum(1.0, _totals(batches.workload, batches.requests.astype(np.float64), size))


def _totals(index: Ints, values: Floats, size: int) -> Floats:
    return np.bincount(index, values, size).astype(np.float64)


def _violation(site: Routes, workload: Ints, origin: Ints, plan: Plan) -> Floats:
    """(n,) violation probability of each line of the plan."""
    number = {key: k for k, key in enumerate(zip(site.workload, site.pool, site.variant, strict=True))}
    route = [number[key] for key in zip(workload[plan.batch], plan.pool, plan.variant, strict=True)]
    return site.violation[origin[plan.batch], np.array(route, dtype=np.int64)]
