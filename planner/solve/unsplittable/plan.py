"""From the relaxation to a plan of whole batches: greedy, patterns, neighbourhood search; and when that is the way."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Bools, Floats, Instance
from planner.domain.results import INTEGRALITY
from planner.solve.highs import Answer, Stop
from planner.solve.translate import LinearProgram
from planner.solve.unsplittable.assignment import Assignment, assignment
from planner.solve.unsplittable.batches import WholeBatches, whole_batches
from planner.solve.unsplittable.dives import POLISH, Dives
from planner.solve.unsplittable.greedy import place
from planner.solve.unsplittable.incumbent import incumbent
from planner.solve.unsplittable.prices import Prices, prices
from planner.solve.unsplittable.search import Effort, Search

FROM = 2000  # options of whole batches; below it branch and bound alone is as good and proves more (docs/solver.md)
FROM_PATTERNS = 500  # where patterns apply: they find and prove more from here on
MOST_DIVED = 20_000  # options; a dive from patterns takes minutes beyond
DIVE_SECONDS = 5e-3  # an option; a shorter time limit belongs to the neighbourhoods alone
SEARCH = "neighbourhood search"

Start = Mapping[int, float]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A search's answer, and prices (B,) of its batches (M1) whose bound may lie above the relaxation's; None: none."""

    answer: Answer
    prices: Floats | None = None


def searchable(instance: Instance, program: LinearProgram) -> WholeBatches | None:
    """The batches to search over; None where they are few, or where an hour map binds all of them together (M10)."""
    if instance.hour_map is not None:
        return None
    whole = whole_batches(program, periods=instance.periods)
    options = int(program.integer[whole.columns].sum())
    many = options >= FROM or (options >= FROM_PATTERNS and assignment(whole) is not None)
    return whole if many else None


def search(whole: WholeBatches, relaxed: Answer, effort: Effort, *, start: Start | None = None) -> Found:
    """The best plan of the greedy, of `start` (columns of the programme) and of the neighbourhoods.

    `relaxed` is the relaxation's optimum. No values: nothing found that keeps every row.
    """
    if relaxed.values is None or relaxed.duals is None or relaxed.objective is None:
        return Found(relaxed)
    at = prices(whole, relaxed.duals[: len(whole.program.row_lower)])
    first = _greedy(whole, at, relaxed.values)
    random = np.random.Generator(np.random.PCG64(effort.seed))
    problem = assignment(whole)
    found = Search(whole, at, relaxed.values, effort, relaxed.objective, incumbent(whole, first), random, problem)
    found.complete()
    if start is not None:
        found.rival(_values(whole, start))
    paid = None
    if problem is not None and _divable(problem, effort):
        dives = Dives(found, problem)
        paid = dives.first()
        found.run(POLISH)
        dives.go_on()
    best = found.run()
    answer = Answer(
        stop=_stop(found),
        values=best.values if best.broken == 0 else None,
        duals=None,
        objective=best.objective if best.broken == 0 else None,
        bound=relaxed.bound,
    )
    return Found(answer, paid)


def _stop(found: Search) -> Stop:
    if found.interrupted:
        return Stop.INTERRUPTED
    return Stop.TIME_LIMIT if found.effort.left() == 0 else Stop.OPTIMAL


def _greedy(whole: WholeBatches, at: Prices, relaxed: Floats) -> Floats:
    """Batches that the relaxation keeps whole stay where it has them; the others are placed one by one."""
    split = _split(whole, relaxed)
    mine = whole.columns
    values = np.where(whole.program.integer > 0, np.ceil(relaxed - INTEGRALITY), relaxed)  # whole servers
    values[mine] = np.where(split[whole.batch[mine]], 0.0, np.round(relaxed[mine]))
    room = whole.program.row_upper - whole.activity(_all_servers_on(whole, values))
    return place(whole, values, room, at.column, np.flatnonzero(split))


def _divable(problem: Assignment, effort: Effort) -> bool:
    """Whether there is time for a plan from patterns."""
    left, options = effort.left(), len(problem.column)
    return effort.patterns and options <= MOST_DIVED and (left is None or left >= DIVE_SECONDS * options)


def _split(whole: WholeBatches, relaxed: Floats) -> Bools:
    """(B,) batches with a fractional column."""
    mine = whole.columns
    apart = np.abs(relaxed[mine] - np.round(relaxed[mine])) > INTEGRALITY
    return np.bincount(whole.batch[mine], apart, len(whole)) > 0


def _all_servers_on(whole: WholeBatches, values: Floats) -> Floats:
    """The greedy counts on every server there is: how many are on is decided after it."""
    servers = (whole.batch < 0) & (whole.program.integer > 0) & np.isfinite(whole.program.column_upper)
    return np.where(servers, whole.program.column_upper, values)


def _values(whole: WholeBatches, start: Start) -> Floats:
    out = np.zeros(len(whole.program.cost))
    out[list(start)] = list(start.values())
    return out
