"""(M11) SLO budgets and (M12) caps: limits of sums over the whole horizon."""

from collections.abc import Iterator

from planner.domain.results import FEASIBILITY, Objective, Violation
from planner.verify.ledger import Ledger
from planner.verify.site import Site

CAPS = ("carbon_kg", "cost_usd", "energy_kwh")


def slo_budgets(site: Site, ledger: Ledger) -> Iterator[Violation]:
    """(M11): violations on time, late and missed requests of a workload, each counted once."""
    broken = ledger.violations + ledger.late + ledger.missed
    for w, work in enumerate(site.instance.workloads):
        if work.slo_budget is not None:
            limit = work.slo_budget * float(ledger.requests[w])
            yield from _above("M11", work.name, "requests violate, are late or missed", float(broken[w]), limit)


def caps(site: Site, objective: Objective) -> Iterator[Violation]:
    """(M12)."""
    for name in CAPS:
        limit = getattr(site.instance.caps, name)
        if limit is not None:
            yield from _above("M12", name, "in total", getattr(objective, name), limit)


def _above(rule: str, where: str, what: str, found: float, limit: float) -> Iterator[Violation]:
    if found - limit > FEASIBILITY * max(1.0, abs(limit)):
        yield Violation(rule, where, f"{found:.9g} {what}, limit {limit:.9g}", found - limit)
