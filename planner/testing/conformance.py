"""What every policy must keep; run it on your own."""

import pickle
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

from planner import registry
from planner.data.batch_jobs import JobMix, batch_jobs
from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.protocols import Policy
from planner.replay.loop import replay
from planner.replay.static import without_series
from planner.testing.future import another_future
from planner.testing.watch import Watch

Maker = str | Callable[[], Policy]


def check_policy(
    policy: Maker, instances: Iterable[Instance] | None = None, *, forecast: str = "persistence", seed: int = 0
) -> None:
    """Try a policy (a spec, or a class without parameters) on instances, small ones of our own by default.

    AssertionError: it is not deterministic, does not survive pickling, looks ahead though it does not say so, or leaves
    a due batch waiting while a pool has room. PolicyError: it breaks what a replay enforces, capacity included.
    """
    for instance in _samples() if instances is None else instances:
        name = f"{policy} on {instance.name}"
        copied = pickle.loads(pickle.dumps(made(policy, instance, seed)))  # noqa: S301 - of our own making
        watch = Watch(made(policy, instance, seed))
        first, again, of_copy, _ = (
            replay(instance, player, forecast=forecast)
            for player in (made(policy, instance, seed), made(policy, instance, seed), copied, cast(Policy, watch))
        )
        done = decisions(instance, first.plan)
        _require(done == decisions(instance, again.plan), f"{name}: two replays differ")
        _require(done == decisions(instance, of_copy.plan), f"{name}: a pickled copy decides otherwise")
        _require(not watch.complaints, f"{name}: {watch.complaints[:3]}")
        if not first.uses_future:
            period = looks_ahead(policy, instance, forecast=forecast, seed=seed)
            _require(period is None, f"{name}: what happens after period {period} changes what it does before")


def looks_ahead(policy: Maker, instance: Instance, *, forecast: str = "persistence", seed: int = 0) -> int | None:
    """A period whose future, once changed, changes decisions up to it; None where none was found (MODEL.md 8)."""
    plan = replay(instance, made(policy, instance, seed), forecast=forecast).plan
    for period in sorted({instance.periods * k // 4 for k in range(4)}):
        other = another_future(instance, period, seed=seed)
        changed = replay(other, made(policy, other, seed), forecast=forecast).plan
        if decisions(instance, plan, until=period) != decisions(other, changed, until=period):
            return period
    return None


def decisions(instance: Instance, plan: Plan, *, until: int | None = None) -> tuple[Any, ...]:
    """All that a plan does up to a period, to the last bit, whatever is numbered how."""
    end = instance.periods if until is None else until + 1
    kept = plan.period < end
    batches, batch = instance.batches(), plan.batch[kept]
    names = [instance.jobs[j].name if j >= 0 else "" for j in batches.job[batch]]
    of_batch = (batches.workload[batch], batches.origin[batch], batches.release[batch])
    placed = (plan.pool[kept], plan.variant[kept], plan.period[kept], plan.share[kept])
    served = sorted(zip(names, *(column.tolist() for column in (*of_batch, *placed)), strict=True))
    return served, None if plan.servers is None else plan.servers[:, :end].tolist()


def made(policy: Maker, instance: Instance, seed: int) -> Policy:
    """The policy, anew."""
    if not isinstance(policy, str):
        return policy()
    found: Policy = registry.load("planner.policies", policy, seed=seed, instance=without_series(instance))
    return found


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - it is the condition
    if not holds:
        raise AssertionError(otherwise)


def _samples() -> list[Instance]:
    """Tight fleets of one size and of as many servers as are needed, and jobs."""
    size = GridSize(regions=3, origins=2, hours=36, workloads=3, capacity=1.2)
    jobs = JobMix("jobs", contiguous=8, interruptible=4, servers=3, serving=True, hours=36)
    return [grid(size, seed=1), grid(replace(size, provisioning=True), seed=2), batch_jobs(jobs, seed=3)]
