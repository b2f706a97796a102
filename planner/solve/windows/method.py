"""The method of windows: every other window alone, the ones between them, then the seams; judged as one plan.

All windows of a step are independent. A window solved alone looks ahead and behind; its neighbours then get its states
as their ends. Where the look was too short the plan and the multipliers err near the cuts only: there they are improved
once more, between states that lie well within the windows (docs/solver.md has the figures).
"""

import itertools
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from planner import registry
from planner.domain.instance import Instance
from planner.domain.options import Options, options
from planner.domain.plan import Plan
from planner.domain.results import Bounds, ModelSize, Multipliers, Quality, SolveResult, Termination
from planner.domain.window import Window, WindowSize, windows
from planner.errors import Infeasible, LimitReached, UsageError
from planner.solve.executors import Executor, Serial
from planner.solve.gates import judged, require_options
from planner.solve.oracle import Clock
from planner.solve.versions import versions
from planner.solve.windows.keeping import Keeper
from planner.solve.windows.patchwork import Patchwork
from planner.solve.windows.pieces import Piece, bridges, joined, seams, widened
from planner.solve.windows.problem import Divisible, Effort, State, WindowProblem
from planner.solve.windows.solution import WindowSolution
from planner.verify.bound import lower_bound

Step = Callable[[str, int, int], None]  # name of the step, windows done, windows in all
Method = Literal["parallel", "sequential"]
MARGIN = 3  # the outer third of a seam's multipliers still feels its fixed ends


@dataclass(slots=True, eq=False)
class _Run:
    """One solve by windows in the making."""

    table: Options
    whole: Divisible
    size: WindowSize
    keeper: Keeper
    clock: Clock
    progress: Step | None
    patchwork: Patchwork
    largest: tuple[int, int, int] = (0, 0, 0)

    def solve(
        self, step: str, problems: list[WindowProblem], *, margins: Sequence[int] | None = None
    ) -> list[WindowSolution | None]:
        """All windows of a step, laid down as they come; `margins` are the ends whose multipliers are not wanted.

        LimitReached: the time is up; what the windows so far prove is said.
        """
        count = itertools.count(1)

        def finished(index: int, solution: WindowSolution | None) -> None:
            if solution is not None:
                margin = 0 if margins is None else margins[index]
                self.patchwork.take(problems[index].window, solution, margin=margin)
                self.largest = max(self.largest, solution.shape)
            if self.progress is not None:
                self.progress(step, next(count), len(problems))
            if self.clock.limit is not None and time.perf_counter() - self.clock.begun > self.clock.limit:
                raise _out_of_time(self)

        with self.clock.phase(step):
            return self.keeper.solve(problems, finished=finished)


def solve_by_windows(
    instance: Instance,
    size: WindowSize,
    *,
    method: Method = "parallel",
    executor: Executor | None = None,
    keep: Path | None = None,
    gap: float = 1e-4,
    time_limit: float | None = None,
    seed: int = 0,
    progress: Step | None = None,
) -> SolveResult:
    """A judged plan and a bound certified for the whole, from windows; the same for every executor, which stays open.

    `gap` is that of each window's whole servers; `time_limit` counts seconds in all; `keep` is a folder of finished
    windows. Raises UsageError (what cannot be cut), Infeasible, LimitReached and SolverError.
    """
    _require_divisible(instance)
    clock = Clock(time_limit)
    with clock.phase("options"):
        table = options(instance)
        require_options(table)
        whole = Divisible.of(table, Effort(gap=gap, seed=seed))
    keeper = Keeper(executor or Serial(), keep)
    run = _Run(table, whole, size, keeper, clock, progress, Patchwork(whole))
    found = list((_in_parallel if method == "parallel" else _in_sequence)(run))
    return _judged(run, found, gap)


def _in_parallel(run: _Run) -> Iterator[Multipliers]:
    """Multipliers without the seams and with them: seams shorter than the slack may spoil a bound."""
    pieces = _bridged(run, _anchors(run))
    yield run.patchwork.multipliers()
    if len(pieces) > 1 and run.size.seam:
        _sew(run, pieces)
        yield run.patchwork.multipliers()


def _anchors(run: _Run) -> list[Piece]:
    """Every other window, solved alone."""
    cut = windows(run.whole.instance.periods, run.size)
    alone = run.solve("anchors", [run.whole.problem(w) for w in cut[::2]])
    solutions = {2 * i: solution for i, solution in enumerate(alone)}
    return [Piece(w.first, w.end, solutions.get(i)) for i, w in enumerate(cut)]


def _bridged(run: _Run, pieces: list[Piece]) -> list[Piece]:
    """The windows between, until none is left without a plan."""
    while any(p.solution is None for p in pieces):
        pieces = joined(pieces)
        problems = bridges(run.whole, pieces)
        found = dict(zip(problems, run.solve("bridges", list(problems.values())), strict=True))
        pieces = [Piece(p.first, p.end, found.get(i, p.solution)) for i, p in enumerate(pieces)]
        failed = {i for i, solution in found.items() if solution is None}
        if failed and len(pieces) == 1:
            raise _infeasible(run.table)
        pieces = widened(pieces, failed)
    return pieces


def _sew(run: _Run, pieces: list[Piece]) -> None:
    """Improve plan and multipliers around every cut, between the states that the plan has there."""
    found = seams(pieces, run.size.seam)
    before, after = run.patchwork.before, run.patchwork.after
    problems = [run.whole.problem(s, before=before(s.first), after=after(s.end)) for s in found]
    run.solve("seams", problems, margins=[(s.end - s.first) // (2 * MARGIN) for s in found])


def _in_sequence(run: _Run) -> Iterator[Multipliers]:
    """The reference: one window after the other, the state passed on."""
    state = None
    for window in windows(run.whole.instance.periods, run.size):
        state = _next(run, replace(window, begin=window.first), state).after
    yield run.patchwork.multipliers()


def _next(run: _Run, window: Window, state: State | None) -> WindowSolution:
    """Where the end of what is seen leaves no room for all that is released in it, look twice as far."""
    (solution,) = run.solve("windows", [run.whole.problem(window, before=state)])
    if solution is not None:
        return solution
    last = run.whole.instance.periods
    if window.stop == last:
        raise _infeasible(run.table) if state is None else _dead_end()
    return _next(run, replace(window, stop=min(2 * window.stop - window.first, last)), state)


def _judged(run: _Run, found: list[Multipliers], gap: float) -> SolveResult:
    instance, clock = run.table.instance, run.clock
    with clock.phase("disaggregate"):
        plan: Plan = registry.load("planner.formulations", "backlog").plan(run.table, run.patchwork.flows)
    with clock.phase("certify"):
        certified, multipliers = max(((lower_bound(instance, m), m) for m in found), key=lambda pair: pair[0])
    with clock.phase("verify"):
        verdict = judged(instance, plan)
    total = verdict.objective.total
    clock.seconds["total"] = time.perf_counter() - clock.begun
    return SolveResult(
        plan=plan,
        objective=verdict.objective,
        bounds=Bounds(certified=certified),
        multipliers=multipliers,
        termination=Termination.CONVERGED,
        quality=Quality.OPTIMAL if total - certified <= gap * abs(certified) else Quality.FEASIBLE,
        formulation=f"{run.size} (backlog)",
        size=ModelSize(run.table.count(), *run.largest),
        seconds=dict(clock.seconds),
        peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        versions=versions(),
        solver_options={"executor": run.keeper.executor.name, "random_seed": run.whole.effort.seed, "threads": 1},
    )


def _require_divisible(instance: Instance) -> None:
    """UsageError: what couples hours so far apart that windows cannot hold it."""
    caps = [n for n in ("carbon_kg", "cost_usd", "energy_kwh") if getattr(instance.caps, n) is not None]
    coupled = {
        "jobs": bool(instance.jobs),
        "whole batches": any(not w.splittable for w in instance.workloads),
        "lateness (grace_periods)": instance.grace_periods > 0,
        "an hour map (M10)": instance.hour_map is not None,
        "SLO budgets (M11)": any(w.slo_budget is not None for w in instance.workloads),
        f"caps (M12) of {', '.join(caps)}": bool(caps),
        "minimum up-time (M5)": any(p.min_uptime_periods > 1 for p in instance.pools),
    }
    found = [name for name, there in coupled.items() if there]
    if found:
        raise UsageError(f"windows cannot hold {', '.join(found)}; solve {instance.name} without --windows")


def _infeasible(table: Options) -> Infeasible:
    from planner.solve.infeasible import explain

    return Infeasible(explain(table))


def _dead_end() -> LimitReached:
    return LimitReached("a window has no plan after what those before it left: look further ahead, or not in sequence")


def _out_of_time(run: _Run) -> LimitReached:
    proven = lower_bound(run.table.instance, run.patchwork.multipliers())
    return LimitReached("the time limit ended the windows before a plan was whole", proven)
