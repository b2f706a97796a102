"""The oracle: options -> formulation -> HiGHS -> plan -> judge -> certificate; and the bound alone."""

import resource
import time
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC

from planner import registry
from planner.domain.instance import Floats, Instance, Ints
from planner.domain.options import Options, options
from planner.domain.plan import Plan
from planner.domain.protocols import Formulation
from planner.domain.results import (
    INTEGRALITY,
    Bounds,
    ModelSize,
    Multipliers,
    Quality,
    SolveResult,
    Termination,
)
from planner.errors import Infeasible, LimitReached, SolverError
from planner.solve.dive import dive
from planner.solve.form import dismantle
from planner.solve.gates import judged, require_options
from planner.solve.highs import Answer, Progress, Session, Stop
from planner.solve.relaxation import Relaxation, solve_relaxation
from planner.solve.translate import LinearProgram, translate
from planner.solve.versions import versions
from planner.verify.bound import lower_bound


@dataclass(slots=True)
class Clock:
    """Seconds by phase, and what is left of a time limit."""

    limit: float | None = None
    begun: float = field(default_factory=time.perf_counter)
    seconds: dict[str, float] = field(default_factory=dict)
    entered: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Any:
        """Count the time of a block under a name."""
        self.entered[name] = time.perf_counter()
        yield
        self.seconds[name] = self.spent(name)
        del self.entered[name]

    def spent(self, name: str) -> float:
        """Seconds under a name so far, those of a block that still runs included."""
        now = time.perf_counter()
        return self.seconds.get(name, 0.0) + now - self.entered.get(name, now)

    def left(self) -> float | None:
        """Seconds left for solving, None without a limit."""
        return None if self.limit is None else max(self.limit - self.spent("solve"), 0.0)


@dataclass(slots=True, eq=False)
class Run:
    """One solve in the making; each step fills a field."""

    instance: Instance
    clock: Clock
    table: Options
    built: Any
    program: LinearProgram
    session: Session
    name: str
    batches: Floats | None = None  # (W,O,T) prices of whole batches (M1), where the search found some


def solve(
    instance: Instance,
    *,
    formulation: str | Formulation = "auto",
    algorithm: str = "auto",
    gap: float = 1e-4,
    time_limit: float | None = None,
    threads: int = 1,
    seed: int = 0,
    start: Plan | None = None,
    progress: Progress | None = None,
) -> SolveResult:
    """The best plan found, judged, with both bounds (MODEL.md 6).

    `gap` is relative to the better bound; `time_limit` counts seconds in the solver. Ctrl-C keeps the best plan so far.
    `algorithm` solves the relaxation: simplex, ipm, hipo, or auto, the fastest for its size (see `solver_options`).
    Raises Infeasible (with what clashes), LimitReached (no plan in time), KeyboardInterrupt (none yet) and SolverError.
    """
    run = prepare(instance, formulation, Clock(time_limit), threads=threads, seed=seed)
    relaxation: Relaxation | None = None
    try:
        with run.clock.phase("solve"):
            relaxation = solve_relaxation(
                run.session, run.built, run.program, seconds=run.clock.left(), algorithm=algorithm
            )
        _require_feasible(run, relaxation.answer)
        with run.clock.phase("solve"):
            answer, milp_bound = whole_plan(run, relaxation, gap=gap, start=start, progress=progress)
    except MemoryError:
        raise _ended(instance, relaxation, "the memory", "use --windows, which takes less") from None
    _require_feasible(run, answer)
    if answer.values is None and (run.session.interrupted() or answer.stop == Stop.INTERRUPTED):
        raise KeyboardInterrupt
    if answer.values is None:
        raise _ended(instance, relaxation, "the time limit", "raise --time-limit or give --start PLAN")
    with run.clock.phase("disaggregate"):
        plan = run.built.plan(run.program.spread(answer.values))
    return _judged(run, plan, relaxation, answer=answer, milp_bound=milp_bound, gap=gap)


def bound(
    instance: Instance,
    *,
    formulation: str = "auto",
    algorithm: str = "auto",
    threads: int = 1,
    seed: int = 0,
) -> tuple[float, Multipliers]:
    """A certified lower bound alone: the LP relaxation with rounding cuts, recomputed by the judge."""
    run = prepare(_without_dropped_rules(instance), formulation, Clock(), threads=threads, seed=seed)
    relaxation = solve_relaxation(run.session, run.built, run.program, seconds=None, algorithm=algorithm)
    _require_feasible(run, relaxation.answer)
    if relaxation.multipliers is None:
        raise SolverError("the relaxation ended without duals; run `planner doctor`")
    return lower_bound(instance, relaxation.multipliers), relaxation.multipliers


def _ended(instance: Instance, relaxation: Relaxation | None, limit: str, remedy: str) -> LimitReached:
    """With what is proven by then: by the relaxation's multipliers, or by none."""
    multipliers = None if relaxation is None else relaxation.multipliers
    bound = lower_bound(instance, multipliers or Multipliers.nothing(instance))
    return LimitReached(f"{limit} ended the solve before a plan was found; {remedy}", bound)


def prepare(instance: Instance, formulation: str | Formulation, clock: Clock, *, threads: int, seed: int) -> Run:
    """Options, model and matrix, loaded into HiGHS."""
    if isinstance(formulation, str):
        name, shapes = formulation, registry.load("planner.formulations", formulation)
    else:
        name, shapes = formulation.name, formulation
    with clock.phase("options"):
        table = options(instance)
        require_options(table)
    with clock.phase("build"), PauseGC():  # a model in the making holds no garbage
        built = shapes.build(table)
    with clock.phase("translate"), PauseGC():
        program = translate(built.model, built.columns)
        dismantle(built.model, built.columns)
        session = Session(program, threads=threads, seed=seed)
    return Run(instance, clock, table, built, program, session, f"{name} ({built.shape})")


def _require_feasible(run: Run, answer: Answer) -> None:
    from planner.solve.infeasible import explain

    if answer.stop == Stop.INFEASIBLE:
        raise Infeasible(explain(run.table))


def whole_plan(
    run: Run, relaxation: Relaxation, *, gap: float, start: Plan | None, progress: Progress | None
) -> tuple[Answer, float | None]:
    """The MILP from the relaxation on; then integral columns are rounded, fixed, and the rest is solved again."""
    whole = run.built.integer
    relaxed = relaxation.answer
    if not len(whole):
        return relaxed, relaxed.bound
    if relaxed.stop != Stop.OPTIMAL or relaxed.values is None or run.session.interrupted():
        return replace(relaxed, values=None), relaxed.bound
    values = run.program.spread(relaxed.values)
    columns = run.program.column_of[whole]
    if np.abs(values[whole] - np.round(values[whole])).max() <= INTEGRALITY:
        return _polished(run, relaxed, columns), relaxed.bound
    given = None if start is None else _columns_of(run, run.built.start(start))
    found = _searched(run, relaxed, gap=gap, start=given, progress=progress)
    if found is not None and _finished(run, found, gap):
        return _polished(run, found, columns), found.bound
    first = given or _first_plan(run, values)
    if run.session.interrupted():
        return replace(relaxed, values=None), relaxed.bound
    # An absolute gap means nothing where totals are grams; HiGHS measures the relative one against the plan.
    run.session.set({"mip_rel_gap": gap / (1 + gap), "mip_abs_gap": 0.0})
    run.session.whole(on=True)
    if found is not None and found.values is not None:
        first = dict(enumerate(found.values.tolist()))
    if first:
        run.session.start(first)
    answer = run.session.run(time_limit=run.clock.left(), progress=progress)
    known = [b for b in (answer.bound, relaxed.bound) if b is not None]
    return _polished(run, _better(answer, found), columns), max(known, default=None)


def _searched(
    run: Run, relaxed: Answer, *, gap: float, start: dict[int, float] | None, progress: Progress | None
) -> Answer | None:
    """The plan of a neighbourhood search over whole batches, None where branch and bound alone is the better way."""
    from planner.solve.unsplittable.plan import SEARCH, search, searchable
    from planner.solve.unsplittable.search import Effort

    whole = searchable(run.instance, run.program)
    if whole is None:
        return None
    run.name += f", {SEARCH} over {len(whole)} whole batches"
    options = run.session.options
    effort = Effort(
        left=run.clock.left,
        gap=gap,
        threads=int(options["threads"]),
        seed=int(options["random_seed"]),
        progress=progress,
    )
    found = search(whole, relaxed, effort, start=start)
    if found.prices is not None:
        run.batches = _by_release(run.instance, whole.number, found.prices)
    return found.answer


def _by_release(instance: Instance, number: Ints, prices: Floats) -> Floats:
    """(W,O,T) prices of count batches by their numbers; jobs have none."""
    out, batches = np.zeros(instance.requests.shape), instance.batches()
    counted = batches.job[number] < 0
    at = number[counted]
    out[batches.workload[at], batches.origin[at], batches.release[at]] = prices[counted]
    return out


def _finished(run: Run, found: Answer, gap: float) -> bool:
    """Whether nothing is left to do for branch and bound, or no time to do it in."""
    if found.stop == Stop.INTERRUPTED or run.clock.left() == 0:
        return True
    return found.objective is not None and _within(found.objective, found.bound, gap)


def _better(answer: Answer, found: Answer | None) -> Answer:
    """Branch and bound may lose its start to its own tolerances."""
    if found is None or found.objective is None or answer.stop == Stop.INFEASIBLE:
        return answer
    lost = answer.objective is None or answer.objective > found.objective
    return replace(answer, values=found.values, objective=found.objective) if lost else answer


def _columns_of(run: Run, numbered: Mapping[int, float]) -> dict[int, float]:
    """Values by the model's column numbers -> by the programme's columns."""
    return {int(run.program.column_of[k]): v for k, v in numbered.items() if run.program.column_of[k] >= 0}


def _first_plan(run: Run, values: Floats) -> dict[int, float]:
    """Whole servers for a MIP start; empty where other integers decide too."""
    if not run.built.may_round_up:
        return {}
    whole = run.built.integer
    columns = run.program.column_of[whole]
    servers = dive(run.session, run.program, columns, values[whole], seconds=run.clock.left())
    return dict(zip(columns.tolist(), servers.tolist(), strict=True))


def _polished(run: Run, answer: Answer, columns: Any) -> Answer:
    if answer.values is None or answer.stop == Stop.INFEASIBLE:
        return answer
    run.session.whole(on=False)
    run.session.fix(columns, np.round(answer.values[columns]))
    fixed = run.session.run()
    if fixed.values is None:
        raise SolverError("rounding the integral columns left no feasible plan; solve again with another --seed")
    return replace(answer, values=fixed.values)


def _judged(
    run: Run, plan: Plan, relaxation: Relaxation, *, answer: Answer, milp_bound: float | None, gap: float
) -> SolveResult:
    with run.clock.phase("certify"):
        certificates = _certificates(run, relaxation)
    with run.clock.phase("verify"):
        verdict = judged(run.instance, plan)
        proven = ((lower_bound(run.instance, one), one) for one in certificates)
        certified, multipliers = max(proven, key=itemgetter(0), default=(None, None))
    solver = _not_above(milp_bound, verdict.objective.total)
    bounds = Bounds(certified=certified, solver=solver)
    columns, rows, nonzeros = run.session.shape
    run.clock.seconds["total"] = time.perf_counter() - run.clock.begun
    return SolveResult(
        plan=plan,
        objective=verdict.objective,
        bounds=bounds,
        multipliers=multipliers,
        termination=_termination(run, answer),
        quality=Quality.OPTIMAL if _within(verdict.objective.total, bounds.best, gap) else Quality.FEASIBLE,
        formulation=run.name,
        size=ModelSize(run.table.count(), columns, rows, nonzeros),
        seconds=dict(run.clock.seconds),
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        versions=versions(),
        solver_options={"algorithm": str(relaxation.algorithm), **run.session.options},
        warnings=() if solver is not None or milp_bound is None else (TOO_HIGH,),
    )


def _certificates(run: Run, relaxation: Relaxation) -> list[Multipliers]:
    """Multipliers of the LP, of that without (M5) and (M10) where the Lagrangian drops these rules; and prices of whole
    batches, whose cells keep their knapsacks, where the search found some."""
    plain = _without_dropped_rules(run.instance)
    found = [relaxation.multipliers if plain is run.instance else bound(plain)[1]]
    if run.batches is not None:
        found.append(replace(Multipliers.nothing(run.instance), batches=run.batches))
    return [one for one in found if one is not None]


def _without_dropped_rules(instance: Instance) -> Instance:
    if instance.hour_map is None and all(p.min_uptime_periods <= 1 for p in instance.pools):
        return instance
    return instance.replace(hour_map=None, pools=tuple(replace(p, min_uptime_periods=1) for p in instance.pools))


TOO_HIGH = "the solver claimed a bound above its own plan, which is left out; do the objective's weights lie far apart?"
_TERMINATIONS = {Stop.TIME_LIMIT: Termination.TIME_LIMIT, Stop.INTERRUPTED: Termination.INTERRUPTED}


def _termination(run: Run, answer: Answer) -> Termination:
    """Ctrl-C may have come in another of HiGHS's runs than the answer's."""
    if run.session.interrupted():
        return Termination.INTERRUPTED
    return _TERMINATIONS.get(answer.stop, Termination.CONVERGED)


def _not_above(claimed: float | None, objective: float) -> float | None:
    """A solver's bound that lies above a judged plan by no more than its own tolerance is that plan's objective.

    None where it lies higher: no such bound holds.
    """
    if claimed is None or claimed - objective > 1e-6 * abs(objective):
        return None
    return min(claimed, objective)


def _within(objective: float, best: float | None, gap: float) -> bool:
    return best is not None and objective - best <= (gap + 1e-9) * max(abs(best), 1e-300)
