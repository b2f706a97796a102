"""The judge: `check` takes anybody's plan, objective and bound, and tells what is wrong with them."""

from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.domain.results import Multipliers, Objective, Verdict, Violation
from planner.verify.account import value
from planner.verify.bound import lower_bound
from planner.verify.capacity import capacity
from planner.verify.certificate import bound_claim, multiplier_faults
from planner.verify.claims import claims
from planner.verify.coverage import coverage
from planner.verify.domains import domains
from planner.verify.hour_map import hour_map
from planner.verify.ledger import account_for
from planner.verify.servers import server_rules, usable
from planner.verify.site import survey
from planner.verify.totals import caps, slo_budgets


def check(
    instance: Instance,
    plan: Plan,
    *,
    claimed: Objective | None = None,
    bound: float | None = None,
    multipliers: Multipliers | None = None,
) -> Verdict:
    """Judge a plan by the raw instance alone: rules (M0)-(M5), (M10)-(M12), exact objective, claims, certificate.

    `claimed` and `bound` are what the plan's author says; `multipliers` prove the bound. A plan that cannot be read in
    places is judged by the rest. Never raises for what a plan holds.
    """
    site = survey(instance)
    fit = usable(site, plan)
    ledger = account_for(site, fit)
    objective = value(site, ledger)
    proven, faults = _certificate(instance, bound, multipliers)
    violations = (
        *domains(site, plan),
        *coverage(site, plan),
        *capacity(site, fit, ledger),
        *server_rules(site, plan),
        *hour_map(site, plan),
        *slo_budgets(site, ledger),
        *caps(site, objective),
        *(claims(claimed, objective) if claimed else ()),
        *faults,
    )
    return Verdict(violations=violations, objective=objective, bound=proven)


def _certificate(
    instance: Instance, claimed: float | None, multipliers: Multipliers | None
) -> tuple[float | None, tuple[Violation, ...]]:
    """The recomputed bound, None where nothing proves one, and what is wrong with multipliers and claim."""
    faults = () if multipliers is None else tuple(multiplier_faults(instance, multipliers))
    if faults:
        return None, faults
    proven = None if multipliers is None else lower_bound(instance, multipliers)
    return proven, () if claimed is None else tuple(bound_claim(claimed, proven))
