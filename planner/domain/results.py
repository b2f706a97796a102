"""What came out: objective parts, bounds, violations, the two axes of a status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.plan import Plan

FEASIBILITY = 1e-6  # times max(1, |right-hand side|); MODEL.md 7
INTEGRALITY = 1e-6
CLAIM = 1e-9  # relative, of a claimed objective


class Termination(StrEnum):
    """Why the solve stopped."""

    CONVERGED = "converged"
    TIME_LIMIT = "time_limit"
    INTERRUPTED = "interrupted"


class Quality(StrEnum):
    """How good the plan is: within the asked gap of the better bound, or just feasible."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: `rule` is a number of MODEL.md ("M2", "O1"), "bound", "multiplier" or "objective"."""

    rule: str
    where: str
    message: str
    excess: float = 0.0


@dataclass(frozen=True, slots=True)
class Objective:
    """Exact value of a plan. `parts` holds O1, O2, O4, O5 (kg), O6 and O7 (USD); carbon is O1 + O2 + O4 + O5.

    `slo_violations`, `missed` and `late` are expected requests; `slo_violations` counts requests on time only.
    """

    total: float
    carbon_kg: float
    sla: float
    cost_usd: float
    energy_kwh: float
    parts: Mapping[str, float]
    sci_g_per_request: float
    requests: float
    slo_violations: float
    missed: float
    late: float


@dataclass(frozen=True, slots=True)
class Cut:
    """(C1): servers in `regions` (indices) over periods first..last; `multiplier` is its phi."""

    regions: tuple[int, ...]
    first: int
    last: int
    multiplier: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """A certificate: any prices prove a bound, none of them negative but those of `batches`, which have any sign.

    Prices of (M2) `capacity` (P,T) per server-second, (M11) `slo` (W,), (M3b) `fleet` (T,), (M12) `caps` by name,
    (C1) `cuts` and (M1) `batches` (W,O,T) per whole batch, by release. With the last, (M2) is kept for the batches of
    workloads that may not be split; None: it is priced only. Prices of splittable workloads, or where nothing is
    released, count nothing.
    """

    capacity: Floats
    slo: Floats
    fleet: Floats | None = None
    caps: Mapping[str, float] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    batches: Floats | None = None

    @classmethod
    def nothing(cls, instance: Instance) -> Self:
        """No price at all, which proves that every batch costs at least its cheapest option."""
        return cls(capacity=np.zeros_like(instance.servers), slo=np.zeros(len(instance.workloads)))


@dataclass(frozen=True, slots=True)
class Bounds:
    """`certified`: recomputed from multipliers without a solver; `solver`: HiGHS's own. None: absent."""

    certified: float | None
    solver: float | None = None

    @property
    def best(self) -> float | None:
        """The better of the two, None where both are absent."""
        known = [b for b in (self.certified, self.solver) if b is not None]
        return max(known) if known else None


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What the judge says of a plan: broken rules, its exact objective, the bound recomputed from the multipliers."""

    violations: tuple[Violation, ...]
    objective: Objective
    bound: float | None = None


@dataclass(frozen=True, slots=True)
class ModelSize:
    """`options` of the time-indexed problem; columns, rows and nonzeros of the model that was solved."""

    options: int
    columns: int
    rows: int
    nonzeros: int


@dataclass(frozen=True, slots=True, eq=False)
class SolveResult:
    """A checked plan with both bounds and where the time went (seconds by phase)."""

    plan: Plan
    objective: Objective
    bounds: Bounds
    multipliers: Multipliers | None
    termination: Termination
    quality: Quality
    formulation: str
    size: ModelSize
    seconds: Mapping[str, float]
    peak_rss_mb: float
    versions: Mapping[str, str]
    solver_options: Mapping[str, float | int | str | bool]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ReplayResult:
    """One policy's run: its plan, judged, and how long a decision took."""

    policy: str
    regime: str
    uses_future: bool
    plan: Plan
    verdict: Verdict
    decision_us_per_request: float
