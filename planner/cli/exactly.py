"""`check --exact`: objective and bound once more in rational numbers, beside what the judge says."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Any

from planner.cli.common import number
from planner.cli.judging import Judged
from planner.domain.instance import Instance
from planner.domain.results import Violation
from planner.errors import UsageError
from planner.verify.exact import MOST_OPTIONS, count_options, exact_objective
from planner.verify.exact_bound import Rational, exact_bound

ACCOUNT = 1e-12  # relative, of a sum of floats


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure: as the judge has it, and in rational numbers (a float where it is infinite)."""

    name: str
    found: float
    exact: Rational

    @property
    def error(self) -> float:
        """Relative; negative where the judge's figure is the lower one."""
        if self.found == self.exact:
            return 0.0
        if isinstance(self.exact, float) or not isfinite(self.found):
            return self.found - float(self.exact)
        difference = Fraction(self.found) - self.exact
        return float(difference / abs(self.exact) if self.exact else difference)

    def faults(self) -> Iterator[Violation]:
        """An objective must agree, a bound may only err downwards."""
        excess = abs(self.error) - ACCOUNT if self.name == "objective" else self.error
        if excess > 0:
            yield Violation("exact", self.name, f"{self.found!r}, exactly {float(self.exact)!r}", excess)


def exactly(instance: Instance, verdict: Judged) -> tuple[Compared, ...]:
    """What there is to compare of a file without violations. UsageError: the instance is too large for fractions."""
    if (options := count_options(instance)) > MOST_OPTIONS:
        raise UsageError(f"--exact takes instances of at most {MOST_OPTIONS:,} options, this one has {options:,}")
    figures = []
    if not verdict.violations and verdict.plan is not None and verdict.objective is not None:
        exact = exact_objective(instance, verdict.plan)
        figures.append(Compared("objective", verdict.objective.total, exact))
    if not verdict.violations and verdict.multipliers is not None and verdict.bounds.certified is not None:
        figures.append(Compared("bound", verdict.bounds.certified, exact_bound(instance, verdict.multipliers)))
    return tuple(figures)


def document(figures: tuple[Compared, ...]) -> dict[str, Any]:
    """For the JSON answer."""
    return {f.name: {"value": float(f.exact), "error": f.error} for f in figures}


def told(figures: tuple[Compared, ...]) -> str:
    """For people."""
    return "".join(f"\nexactly     {f.name} {number(float(f.exact), 17)}, error {f.error:.1e}" for f in figures)
