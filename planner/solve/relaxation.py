"""The linear relaxation with rounding cuts (C1) separated at its optimum: the certificate comes from here."""

from dataclasses import dataclass, replace

import numpy as np

from planner.domain.protocols import BuiltModel
from planner.domain.results import Cut, Multipliers
from planner.solve.algorithm import HIGHS_CHOICE, Algorithm, algorithm_for, options_of
from planner.solve.highs import Answer, Session, Stop, has_hipo
from planner.solve.translate import LinearProgram

CUTS_A_ROUND = 400
ROUNDS = 60
LEAST_GAIN = 1e-7  # relative; three rounds in a row below it end the separation


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """The last LP's answer, its certificate, None where the LP found no optimum, and by what it was solved."""

    answer: Answer
    multipliers: Multipliers | None
    cuts: tuple[Cut, ...]
    algorithm: Algorithm


def solve_relaxation(
    session: Session,
    built: BuiltModel,
    program: LinearProgram,
    *,
    seconds: float | None,
    algorithm: str = "auto",
) -> Relaxation:
    """Solve the LP, then add what its servers violate until nothing is gained; slack cuts leave the model again.

    UsageError, MissingExtra: an `algorithm` that there is not.
    """
    flows = "M1" not in program.families  # (M1) by batch is the time-indexed shape
    chosen = algorithm_for(len(program.cost), flows=flows, asked=algorithm, hipo=has_hipo())
    session.whole(on=False)
    session.set(options_of(chosen, flows=flows))
    answer = session.run(time_limit=seconds)
    session.set(options_of(Algorithm.SIMPLEX, flows=flows))  # what follows starts from a basis
    cuts: list[Cut] = []
    idle = 0
    for _ in range(ROUNDS):
        new = _violated(built, program, answer, cuts)
        if not new or idle >= 3:
            break
        session.add_rows([_row(built, program, cut) for cut in new])
        before, answer = answer, session.run(time_limit=seconds)
        if answer.stop == Stop.INFEASIBLE:  # no whole servers can do it, although fractions of them could
            return Relaxation(answer, None, (), chosen)
        if (
            answer.stop != Stop.OPTIMAL
        ):  # out of time: the rows that came last leave again, the optimum before them holds
            session.drop_rows(np.arange(len(new)) + len(program.row_lower) + len(cuts))
            answer = before
            break
        cuts += new
        idle = idle + 1 if _gain(before, answer) < LEAST_GAIN else 0
    session.set(HIGHS_CHOICE)
    cuts = _drop_slack_cuts(session, program, answer, cuts)
    return Relaxation(answer, _certificate(built, program, answer, cuts), tuple(cuts), chosen)


def _violated(built: BuiltModel, program: LinearProgram, answer: Answer, known: list[Cut]) -> list[Cut]:
    if answer.stop != Stop.OPTIMAL or answer.values is None:
        return []
    seen = {(c.regions, c.first, c.last) for c in known}
    found = built.violated_cuts(program.spread(answer.values), most=CUTS_A_ROUND)
    return [c for c in found if (c.regions, c.first, c.last) not in seen]


def _row(built: BuiltModel, program: LinearProgram, cut: Cut) -> tuple[np.ndarray, float]:
    columns, bound = built.cut_row(cut)
    return program.column_of[columns], bound


def _gain(before: Answer, after: Answer) -> float:
    start, end = before.objective or 0.0, after.objective or 0.0
    return (end - start) / max(abs(start), 1e-300)


def _drop_slack_cuts(session: Session, program: LinearProgram, answer: Answer, cuts: list[Cut]) -> list[Cut]:
    """Cuts without a price leave the model (the MILP's nodes are cheaper so); the rest learn their multipliers."""
    if answer.duals is None or not cuts:
        return cuts
    first = len(program.row_lower)
    price = np.maximum(answer.duals[first:], 0.0)
    slack = price <= 1e-12 * max(1.0, float(price.max()))
    if slack.any():
        session.drop_rows(first + np.flatnonzero(slack))
    return [replace(c, multiplier=p) for c, p, idle in zip(cuts, price.tolist(), slack, strict=True) if not idle]


def _certificate(built: BuiltModel, program: LinearProgram, answer: Answer, cuts: list[Cut]) -> Multipliers | None:
    if answer.duals is None or answer.stop != Stop.OPTIMAL:
        return None
    duals = {name: (keys, answer.duals[rows]) for name, (keys, rows) in program.families.items()}
    return built.multipliers(duals, tuple(cuts))
