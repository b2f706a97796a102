"""One HiGHS model: every status is checked, answers come back as values (traps: docs/solver.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Self

import highspy
import numpy as np

from planner.domain.instance import Floats, Ints
from planner.errors import SolverError
from planner.solve.translate import LinearProgram

Progress = Callable[[float, float | None, float | None, float | None], None]
INTERIOR_POINT = ("ipx", "hipo")
_threads = {"now": 0}  # HiGHS has one scheduler a process; changing its size needs a reset


class Stop(StrEnum):
    """Why HiGHS came back."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time_limit"
    NODE_LIMIT = "node_limit"
    INTERRUPTED = "interrupted"


_STOPS = {
    highspy.HighsModelStatus.kOptimal: Stop.OPTIMAL,
    highspy.HighsModelStatus.kModelEmpty: Stop.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Stop.INFEASIBLE,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Stop.INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: Stop.TIME_LIMIT,
    highspy.HighsModelStatus.kSolutionLimit: Stop.NODE_LIMIT,
    highspy.HighsModelStatus.kInterrupt: Stop.INTERRUPTED,
}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """`values` None: no feasible point. `duals` only of a linear programme. `bound` None where HiGHS proved nothing."""

    stop: Stop
    values: Floats | None
    duals: Floats | None
    objective: float | None
    bound: float | None


class Session:
    """A linear programme loaded into HiGHS; rows may be added, integrality switched on and off, columns fixed."""

    def __init__(self, program: LinearProgram, *, threads: int, seed: int) -> None:
        if _threads["now"] not in (0, threads):
            highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - its only form
        _threads["now"] = threads
        self._highs = highspy.Highs()
        self._program = program
        self._scale = _cost_scale(program.cost)
        self._stopped = False
        self.options: dict[str, float | int | str | bool] = {}
        self.set({"output_flag": False, "threads": threads, "random_seed": seed})
        n, m = len(program.cost), len(program.row_lower)
        self._checked(
            self._highs.passModel(
                n, m, len(program.values), int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
                program.cost / self._scale, program.column_lower, program.column_upper,
                program.row_lower, program.row_upper,
                program.starts, program.indices, program.values, np.zeros(n, dtype=np.int32),
            ),
            "passModel",
        )  # fmt: skip

    @property
    def shape(self) -> tuple[int, int, int]:
        """Columns, rows and nonzeros, added rows included."""
        return self._highs.getNumCol(), self._highs.getNumRow(), self._highs.getNumNz()

    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C in any run so far."""
        return self._stopped

    def set(self, options: Mapping[str, float | int | str | bool]) -> None:
        """Set options by name; a name or value that HiGHS refuses is an error."""
        for name, value in options.items():
            self._checked(self._highs.setOptionValue(name, value), f"setOptionValue({name!r}, {value!r})")
            self.options[name] = value

    def add_rows(self, rows: list[tuple[Ints, float]]) -> None:
        """Rows sum of columns >= bound, coefficients 1."""
        starts = np.cumsum([0, *(len(c) for c, _ in rows)])[:-1].astype(np.int32)
        indices = np.concatenate([c for c, _ in rows]).astype(np.int32)
        lower = np.array([b for _, b in rows])
        upper = np.full(len(rows), np.inf)
        self._checked(
            self._highs.addRows(len(rows), lower, upper, len(indices), starts, indices, np.ones(len(indices))),
            "addRows",
        )

    def add_column(self, cost: float, rows: Ints) -> None:
        """A column >= 0 with coefficients 1."""
        at = rows.astype(np.int32)
        self._checked(self._highs.addCol(cost / self._scale, 0.0, np.inf, len(at), at, np.ones(len(at))), "addCol")

    def price(self, columns: Ints, cost: Floats) -> None:
        """Other costs of columns."""
        at = columns.astype(np.int32)
        self._checked(self._highs.changeColsCost(len(at), at, cost / self._scale), "changeColsCost")

    def drop_rows(self, rows: Ints) -> None:
        """Delete rows by number."""
        self._checked(self._highs.deleteRows(len(rows), rows.astype(np.int32)), "deleteRows")

    def whole(self, *, on: bool) -> None:
        """Switch the integrality of integral columns on or off."""
        columns = np.flatnonzero(self._program.integer).astype(np.int32)
        kind = highspy.HighsVarType.kInteger if on else highspy.HighsVarType.kContinuous
        if len(columns):
            kinds = np.full(len(columns), int(kind), dtype=np.uint8)
            self._checked(self._highs.changeColsIntegrality(len(columns), columns, kinds), "changeColsIntegrality")

    def fix(self, columns: Ints, values: Floats) -> None:
        """Fix columns at values."""
        self.bound(columns, values, values)

    def bound(self, columns: Ints, lower: Floats, upper: Floats) -> None:
        """Bound columns from below and above."""
        at = columns.astype(np.int32)
        self._checked(self._highs.changeColsBounds(len(at), at, lower, upper), "changeColsBounds")

    def start(self, values: Mapping[int, float]) -> None:
        """A MIP start; what is left out HiGHS completes."""
        at = np.array(list(values), dtype=np.int32)
        self._checked(
            self._highs.setSolution(len(at), at, np.array(list(values.values()), dtype=np.float64)), "setSolution"
        )

    def run(self, *, time_limit: float | None = None, progress: Progress | None = None) -> Answer:
        """Solve what is loaded; Ctrl-C stops at the next callback and keeps the incumbent."""
        limit = np.inf if time_limit is None else max(time_limit, 0.0) + self._highs.getRunTime()
        self.set({"time_limit": float(limit)})
        with _Listening(self._highs, progress, self._scale) as listening:
            self._checked(self._highs.run(), "run")
            if self._highs.getModelStatus() == highspy.HighsModelStatus.kUnknown:
                self._again_by_another_method()
        self._stopped = self._stopped or listening.interrupted
        return self._answer(interrupted=listening.interrupted)

    def _again_by_another_method(self) -> None:
        """Some infeasible programmes leave the simplex undecided (docs/solver.md), as others do interior points."""
        before = self.options.get("solver", "choose")
        self.set({"solver": "simplex" if before in INTERIOR_POINT else "ipx"})
        self._checked(self._highs.clearSolver(), "clearSolver")
        self._checked(self._highs.run(), "run")
        self.set({"solver": before})

    def _answer(self, *, interrupted: bool) -> Answer:
        found = self._highs.getModelStatus()
        if found not in _STOPS:
            raise SolverError(f"HiGHS ended with '{self._highs.modelStatusToString(found)}'; run `planner doctor`")
        info, solution = self._highs.getInfo(), self._highs.getSolution()
        stop = Stop.INTERRUPTED if interrupted else _STOPS[found]
        feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        whole = info.mip_node_count >= 0  # -1 for a linear programme
        bound = float(info.mip_dual_bound) if whole else float(info.objective_function_value)
        proven = np.isfinite(bound) and (whole or found == highspy.HighsModelStatus.kOptimal)
        return Answer(
            stop=stop,
            values=np.array(solution.col_value) if feasible else None,
            duals=self._scale * np.array(solution.row_dual) if solution.dual_valid else None,
            objective=self._scale * float(info.objective_function_value) if feasible else None,
            bound=self._scale * bound if proven else None,
        )

    @staticmethod
    def _checked(status: Any, call: str) -> None:
        if status == highspy.HighsStatus.kError:
            raise SolverError(f"HiGHS refused {call}; run `planner doctor`")


def _cost_scale(cost: Floats) -> float:
    """A power of two near the geometric mean of the costs: HiGHS's dual tolerance is absolute, and grams are small.

    Costs that vanish beside the largest (a violation of probability 1e-30) have no say.
    """
    size = np.abs(cost)
    used = size[size > 1e-9 * size.max(initial=0.0)]
    return float(2.0 ** np.round(np.log2(used).mean())) if len(used) else 1.0


class _Listening:
    """Callbacks for the time of one run: progress out, Ctrl-C in. Nothing is printed here."""

    def __init__(self, highs: Any, progress: Progress | None, scale: float) -> None:
        self._highs, self._progress, self._scale = highs, progress, scale
        self.interrupted = False
        self._before: Any = None

    def __enter__(self) -> Self:
        import signal
        import threading

        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        for event in (self._highs.cbMipInterrupt, self._highs.cbSimplexInterrupt, self._highs.cbIpmInterrupt):
            event.subscribe(self._stop_if_asked)
        if self._progress is not None:
            report = partial(_report, self._progress, self._scale)
            self._highs.cbMipLogging.subscribe(report)
            self._highs.cbMipImprovingSolution.subscribe(report)
        return self

    def __exit__(self, *_: object) -> None:
        import signal

        self._highs.clearCallbacks()
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _interrupt(self, *_: object) -> None:
        self.interrupted = True

    def _stop_if_asked(self, event: Any) -> None:
        if self.interrupted:
            event.interrupt()


def _report(progress: Progress, scale: float, event: Any) -> None:
    """Tell incumbent and bound in the objective's own unit; HiGHS says infinity where it has none."""
    out = event.data_out
    both = (out.mip_primal_bound, out.mip_dual_bound)
    incumbent, known = (scale * float(x) if abs(x) < 1e300 else None for x in both)
    gap = None if incumbent is None or not known else (incumbent - known) / abs(known)
    progress(float(out.running_time), incumbent, known, gap)


def has_hipo() -> bool:
    """Whether HiGHS's wheel holds HiPO; one without it refuses the name and leaves the solver as it was."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)  # noqa: FBT003 - its only form
    return bool(highs.setOptionValue("solver", "hipo") != highspy.HighsStatus.kError)


def self_test() -> bool:
    """Whether HiGHS solves a three-variable big-M model, a kind some versions got wrong (issues 2957, 2975, 3002)."""
    # max x + y with x <= 1e4 z, y <= 1e4 (1 - z), x <= 7, y <= 5: only one may be positive, so the optimum is 7
    program = LinearProgram(
        cost=np.array([-1.0, -1.0, 0.0]),
        starts=np.array([0, 2, 4], dtype=np.int32),
        indices=np.array([0, 2, 1, 2], dtype=np.int32),
        values=np.array([1.0, -1e4, 1.0, 1e4]),
        row_lower=np.full(2, -np.inf),
        row_upper=np.array([0.0, 1e4]),
        column_lower=np.zeros(3),
        column_upper=np.array([7.0, 5.0, 1.0]),
        integer=np.array([0, 0, 1], dtype=np.int32),
        column_of=np.arange(3),
        families={},
    )
    session = Session(program, threads=_threads["now"] or 1, seed=0)
    session.whole(on=True)
    answer = session.run()
    return answer.objective is not None and abs(answer.objective + 7.0) < 1e-6
