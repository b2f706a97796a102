"""What every solve passes, whatever its method: options before it, the judge after it."""

from planner.domain.instance import Instance
from planner.domain.options import Options
from planner.domain.plan import Plan
from planner.domain.results import Verdict
from planner.errors import Infeasible, SolverError
from planner.verify.judge import check


def require_options(table: Options) -> None:
    """Infeasible: some batches have no option at all."""
    from planner.solve.infeasible import batches_without_options

    clashes = batches_without_options(table)
    if clashes:
        raise Infeasible(clashes)


def judged(instance: Instance, plan: Plan) -> Verdict:
    """The judge's verdict on a plan that was found. SolverError: it breaks a rule."""
    verdict = check(instance, plan)
    if verdict.violations:
        broken = "; ".join(f"{v.rule} {v.where}: {v.message}" for v in verdict.violations[:3])
        raise SolverError(f"the plan that was found breaks {broken}; please report this instance")
    return verdict
