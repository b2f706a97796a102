"""A result whose multipliers are polished: the same plan, a better certificate."""

import time
from dataclasses import replace

from planner.bounds.polish import Progress, polish
from planner.domain.instance import Instance
from planner.domain.results import Quality, SolveResult
from planner.verify.bound import lower_bound


def polished(instance: Instance, result: SolveResult, *, gap: float, progress: Progress | None = None) -> SolveResult:
    """The result with multipliers that leave a certified gap of `gap`, or as little as the climb reaches.

    What is good enough, or has no certificate to start from, comes back as it is.
    """
    plan, known = result.objective.total, result.bounds.certified
    if result.multipliers is None or known is None or plan - known <= gap * abs(known):
        return result
    begun = time.perf_counter()
    left = (plan - known) / abs(known) if known else 1.0
    multipliers = polish(instance, result.multipliers, gap=left, target=plan / (1 + gap), progress=progress)
    bound = lower_bound(instance, multipliers)
    spent = time.perf_counter() - begun
    return replace(
        result,
        multipliers=multipliers,
        bounds=replace(result.bounds, certified=bound),
        quality=Quality.OPTIMAL if plan - bound <= gap * abs(bound) else result.quality,
        seconds={**result.seconds, "polish": spent, "total": result.seconds["total"] + spent},
    )
