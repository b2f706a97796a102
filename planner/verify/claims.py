"""(O1)-(O7): what a plan's author says of its objective against what it is."""

import math
from collections.abc import Iterator

from planner.domain.results import CLAIM, Objective, Violation

PRICED = ("total", "carbon_kg", "sla", "cost_usd", "energy_kwh", "sci_g_per_request")
COUNTED = ("requests", "slo_violations", "missed", "late")
NOTHING = 1e-12  # of the total: what is smaller is nothing


def claims(claimed: Objective, true: Objective) -> Iterator[Violation]:
    """Every number is compared with the true one, never with another claim: one tampered number is one violation."""
    scale = NOTHING * abs(true.total)
    for name in sorted({*claimed.parts, *true.parts}):
        yield from _differs(name, name, claimed.parts.get(name, math.nan), true.parts.get(name, 0.0), scale)
    for name in PRICED + COUNTED:
        yield from _differs("objective", name, getattr(claimed, name), getattr(true, name), scale)


def _differs(rule: str, name: str, claimed: float, true: float, scale: float) -> Iterator[Violation]:
    both_infinite = not math.isfinite(true) and not math.isfinite(claimed)  # files hold no infinities
    if both_infinite or abs(claimed - true) <= CLAIM * max(abs(true), scale):
        return
    yield Violation(rule, name, f"claimed {claimed:.12g}, truly {true:.12g}", abs(claimed - true))
