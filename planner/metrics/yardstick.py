"""What a policy is measured against."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from planner.domain.results import Bounds, Objective, ReplayResult

BoundKind = Literal["instance", "equal-violation-rate"]


class Answer(Protocol):
    """What the oracle found: a `SolveResult`, or a stored plan that has been checked."""

    @property
    def objective(self) -> Objective:
        """The plan's objective, as judged."""
        ...

    @property
    def bounds(self) -> Bounds:
        """Lower bounds of the instance."""
        ...


@dataclass(frozen=True, slots=True)
class Yardstick:
    """Totals of the best known plan, the optimum and the worst schedule, and a lower bound; None: not known."""

    bound: float | None = None
    best: float | None = None
    optimum: float | None = None
    worst: float | None = None
    kind: BoundKind = "instance"

    @classmethod
    def of(
        cls, answer: Answer, runs: Iterable[ReplayResult], worst: Objective | None, kind: BoundKind = "instance"
    ) -> "Yardstick":
        """The best known is the oracle's plan or that of a policy without violations, whichever is better."""
        optimum = answer.objective.total
        clean = [run.verdict.objective.total for run in runs if not run.verdict.violations]
        return cls(answer.bounds.best, min([optimum, *clean]), optimum, worst.total if worst else None, kind)

    def position(self, total: float) -> float | None:
        """0 at the optimum, 1 at the worst; None where the two agree or one is not known."""
        if self.worst is None or self.optimum is None or self.worst <= self.optimum:
            return None
        return (total - self.optimum) / (self.worst - self.optimum)
