"""The two ends of a task's scale: the oracle's answer and the worst schedule."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from time import perf_counter
from typing import Any

from planner.bounds.anchors import worst_plan
from planner.campaign.rows import Proof, agrees, row_document
from planner.campaign.task import Task
from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.results import Bounds, Objective, SolveResult, Termination
from planner.metrics.gaps import GapRow, gap_table
from planner.solve.oracle import solve
from planner.verify.judge import check


@dataclass(frozen=True, slots=True, eq=False)
class Anchors:
    """What policies are measured against, as `gap_table` takes it; `rows` are those of the anchors themselves.

    `plans` by name, where they were made here and not taken from a sibling, whose key is `taken_from`.
    """

    objective: Objective
    bounds: Bounds
    worst: Objective | None
    rows: Mapping[str, Mapping[str, Any]]
    seconds: Mapping[str, float]
    plans: Mapping[str, Plan]
    taken_from: str = ""

    def document(self) -> dict[str, Any]:
        """What a sibling needs; plans stay behind."""
        told = {name: _document(getattr(self, name)) for name in ("objective", "worst")}
        return told | {"bounds": asdict(self.bounds), "rows": dict(self.rows), "seconds": dict(self.seconds)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any], *, taken_from: str) -> "Anchors":
        """Those that a sibling has found."""
        worst = document["worst"]
        return cls(
            objective=Objective(**document["objective"]),
            bounds=Bounds(**document["bounds"]),
            worst=None if worst is None else Objective(**worst),
            rows=document["rows"],
            seconds=document["seconds"],
            plans={},
            taken_from=taken_from,
        )


def oracle(task: Task) -> Any:
    """How a task solves. KeyboardInterrupt: somebody pressed Ctrl-C, and what was found is not what was asked for."""
    return partial(_uninterrupted, gap=task.gap, time_limit=task.time_limit, threads=1, seed=0)


def anchors(instance: Instance, task: Task) -> Anchors:
    """Solve an instance, and find its worst schedule. Infeasible, LimitReached, SolverError: as `solve`."""
    began = perf_counter()
    result: SolveResult = oracle(task)(instance)
    solved = perf_counter()
    plan = worst_plan(instance)
    worst = None if plan is None else check(instance, plan).objective
    rows = {row.policy: row for row in gap_table(instance, [], result=result, worst=worst)}
    proof = Proof(result.bounds.certified, result.multipliers)
    known = {"optimum": result.plan} | ({} if plan is None else {"worst": plan})

    def told(row: GapRow) -> dict[str, Any]:
        whole = replace(row, plan=known[row.policy])
        sound = agrees(instance, whole, proof if row.policy == "optimum" else None)
        return row_document(row, certified=result.bounds.certified, verified=sound)

    return Anchors(
        objective=result.objective,
        bounds=result.bounds,
        worst=worst,
        rows={name: told(row) for name, row in rows.items()},
        seconds={"optimum": solved - began, "worst": perf_counter() - solved},
        plans=known,
    )


def _uninterrupted(instance: Instance, **how: Any) -> SolveResult:
    result = solve(instance, **how)
    if result.termination == Termination.INTERRUPTED:
        raise KeyboardInterrupt
    return result


def _document(objective: Objective | None) -> dict[str, Any] | None:
    return None if objective is None else {**asdict(objective), "parts": dict(objective.parts)}
