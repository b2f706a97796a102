"""A window solved: what its kept periods serve, what their capacity is worth, and the state at both of its cuts."""

from dataclasses import dataclass, replace

import numpy as np

from planner import registry
from planner.domain.instance import Floats
from planner.domain.results import Cut, Multipliers
from planner.domain.window import ClassFlows, Window
from planner.errors import SolverError
from planner.solve.highs import Stop
from planner.solve.oracle import Clock, Run, prepare, whole_plan
from planner.solve.relaxation import solve_relaxation
from planner.solve.windows.problem import State, WindowProblem


@dataclass(frozen=True, slots=True, eq=False)
class WindowSolution:
    """`flows` and `multipliers` of the periods first..end-1, cuts (C1) in periods of the whole.

    `before`: what waits at their start and the servers of their first period; `after`: what waits at their end and the
    servers of their last period. `shape`: columns, rows and nonzeros of the model.
    """

    flows: ClassFlows
    multipliers: Multipliers
    before: State
    after: State
    shape: tuple[int, int, int]


def solve_window(problem: WindowProblem) -> WindowSolution | None:
    """Build, solve and cut to what is kept; None where nothing satisfies the window between its ends."""
    clock = Clock()
    backlog = registry.load("planner.formulations", "backlog", classes=problem.classes, ends=problem.ends)
    run = prepare(problem.instance, backlog, clock, threads=1, seed=problem.effort.seed)
    if not len(run.program.row_lower):  # nothing to serve: HiGHS has no duals of no rows
        return _kept(problem, run, np.zeros(len(run.program.column_of)), run.built.multipliers({}, ()))
    with clock.phase("solve"):
        relaxation = solve_relaxation(run.session, run.built, run.program, seconds=None)
        if relaxation.answer.stop == Stop.INFEASIBLE:
            return None
        answer, _ = whole_plan(run, relaxation, gap=problem.effort.gap, start=None, progress=None)
    if run.session.interrupted():
        raise KeyboardInterrupt
    if answer.stop == Stop.INFEASIBLE:
        return None
    if answer.values is None or relaxation.multipliers is None:
        raise SolverError("a window ended without a plan; run `planner doctor`")
    return _kept(problem, run, run.program.spread(answer.values), relaxation.multipliers)


def _kept(problem: WindowProblem, run: Run, values: Floats, multipliers: Multipliers) -> WindowSolution:
    window, flows = problem.window, run.built.class_flows(values)
    kept = slice(window.first - window.begin, window.end - window.begin)
    waiting, part = _waiting(problem, flows), flows.part(kept)
    ends = (None, None) if part.servers is None else (part.servers[:, 0], part.servers[:, -1])
    return WindowSolution(
        flows=part,
        multipliers=replace(
            multipliers,
            capacity=multipliers.capacity[:, kept].copy(),
            fleet=None if multipliers.fleet is None else multipliers.fleet[kept].copy(),
            cuts=tuple(_moved(c, window) for c in multipliers.cuts if kept.start <= c.first < kept.stop),
        ),
        before=State(waiting[:, kept.start], ends[0]),
        after=State(waiting[:, kept.stop], ends[1]),
        shape=run.session.shape,
    )


def _moved(cut: Cut, window: Window) -> Cut:
    return replace(cut, first=cut.first + window.begin, last=cut.last + window.begin)


def _waiting(problem: WindowProblem, flows: ClassFlows) -> Floats:
    """(C,T+1) requests that wait before each period and after the last: what came less what left, within its limit."""
    demand, ends = problem.instance.requests, problem.ends
    released = np.array([demand[w, list(origins)].sum(axis=0) for w, origins in problem.classes], dtype=np.float64)
    after = np.clip(ends.waiting[:, None] + np.cumsum(released - flows.leaving, axis=1), 0.0, ends.limit)
    after[:, -1] = ends.left
    return np.concatenate([ends.waiting[:, None], after], axis=1)
