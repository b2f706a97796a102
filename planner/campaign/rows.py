"""Rows: one policy on one task, in figures that the task alone determines; and the timings beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from planner.domain.instance import Instance
from planner.domain.results import Multipliers
from planner.metrics.gaps import GapRow, relative_gap
from planner.verify.judge import check

ANCHORS = ("optimum", "worst")
OF_OBJECTIVE = ("total", "carbon_kg", "sla", "cost_usd", "energy_kwh")
MEASURES = ("gap_to_bound", "gap_to_best", "position")  # None of a plan that does not hold
OF_CELL = ("task", "suite", "instance", "instance_sha256", "periods", "regions")
OF_ROW = (
    *("policy", "regime", "uses_future", "forecast", *OF_OBJECTIVE),
    *("bound", "bound_kind", "certified_bound", *MEASURES, "slo_violation_rate", "missed_rate"),
    *("violations", "error", "forecast_wape_24h", "verified"),
)
TIMINGS = (
    *("task", "policy", "seconds", "decision_us_per_request", "peak_rss_mb", "taken_from", "machine"),
    *("planner", "pyomo", "highspy", "python"),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of an instance's bound: its certified value and the multipliers that prove it."""

    certified: float | None
    multipliers: Multipliers | None = None


def row_document(row: GapRow, *, certified: float | None, verified: bool) -> dict[str, Any]:
    """A row as it is stored; one that is not verified, or breaks a rule, has no gap."""
    held = row if verified and not row.violations else replace(row, gap_to_bound=None, gap_to_best=None, position=None)
    of_objective = {name: getattr(row.objective, name, None) for name in OF_OBJECTIVE}
    rules = dict.fromkeys(violation.rule for violation in row.violations)
    return {
        **{name: getattr(held, name) for name in ("policy", "regime", "uses_future")},
        **of_objective,
        "bound": row.bound,
        "bound_kind": row.bound_kind,
        "certified_bound": certified if row.bound_kind == "instance" and row.objective else None,
        **{name: getattr(held, name) for name in MEASURES},
        "slo_violation_rate": row.slo_violation_rate,
        "missed_rate": row.missed_rate,
        "violations": ";".join(rules),
        "error": row.error or "",
        "verified": verified,
    }


def failed(policy: str, error: BaseException) -> GapRow:
    """The row of what could not be done."""
    return GapRow(policy=policy, regime=None, uses_future=False, error=f"{type(error).__name__}: {error}")


def agrees(instance: Instance, row: GapRow, proof: Proof | None = None) -> bool:
    """Whether the judge, asked once more, says of the plan what the row says: its objective and the rules it breaks.

    With a proof, that its multipliers give the bound that is claimed.
    """
    if row.plan is None or row.objective is None:
        return False
    verdict = check(
        instance,
        row.plan,
        claimed=row.objective,
        bound=proof.certified if proof else None,
        multipliers=proof.multipliers if proof else None,
    )
    return verdict.violations == row.violations


def with_gap_to_best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gaps to the best plan of all these rows of one task: the oracle's, or a policy's that is better.

    Where violations are free each row is beside the best plan at its own rate, and stays.
    """
    known = [row["total"] for row in rows if _comparable(row)]
    best = min(known, default=None)
    return [row | {"gap_to_best": relative_gap(row["total"], best)} if _comparable(row) else row for row in rows]


def _comparable(row: Mapping[str, Any]) -> bool:
    sound = row["verified"] and not row["violations"] and not row["error"]
    return sound and row["bound_kind"] == "instance" and row["total"] is not None
