"""Plans from patterns as rivals of the search's own: one of all periods, then again and again of a third of them."""

import numpy as np

from planner.domain.instance import Bools, Floats
from planner.solve.unsplittable.assignment import Assignment
from planner.solve.unsplittable.diving import dive
from planner.solve.unsplittable.greedy import place
from planner.solve.unsplittable.patterns import Patterns, generate
from planner.solve.unsplittable.search import Search

PART = 3  # of the periods is filled anew
LEAST_PERIODS = 2
POLISH = 20  # rounds of the neighbourhoods before a plan is compared with the best one


class Dives:
    """What a search gains from column generation over patterns, within the search's own time."""

    def __init__(self, search: Search, problem: Assignment) -> None:
        self._search, self._problem, effort = search, problem, search.effort
        self._patterns = Patterns(problem, search.prices.least, threads=effort.threads, seed=effort.seed)
        self._until = 0.0  # seconds left at which it ends

    def first(self) -> Floats:
        """All periods within half of the time left; prices (B,) whose bound may lie above the relaxation's."""
        self._until = (self._search.effort.left() or 0.0) / 2
        paid = self._search.prices.least
        try:
            paid = generate(self._patterns, paid, self._over)
        except KeyboardInterrupt:  # between two solves; within one the session hears it
            self._search.interrupted = True
        self._rival(np.ones(len(self._problem.period), dtype=np.bool_), rounds=0)
        return paid

    def go_on(self) -> None:
        """Parts of the periods, all else kept, until none gains anything any more or time is up."""
        self._until, gained = 0.0, True
        while gained and not self._search.over():
            before = self._search.best
            for free in self._parts():
                if not self._search.over():
                    self._rival(free, rounds=POLISH)
            gained = self._search.best is not before

    def _parts(self) -> list[Bools]:
        """(K,) cells of periods on end, each part half of the next one's too, in random order."""
        period = self._problem.period
        periods = int(period.max(initial=0)) + 1
        size = max(periods // PART, LEAST_PERIODS)
        first = self._search.random.permutation(np.arange(0, max(periods - size // 2, 1), size // 2))
        return [(period >= t) & (period < t + size) for t in first.tolist()]

    def _rival(self, free: Bools, *, rounds: int) -> None:
        """The best plan with the `free` (K,) cells filled anew; the greedy places what finds no room there."""
        search, problem = self._search, self._problem
        taken = problem.taken(search.best.values)
        kept = taken[np.isin(problem.cell[taken], np.flatnonzero(~free))]
        for k in np.flatnonzero(free).tolist() if search.best.broken == 0 else ():
            self._patterns.add(k, taken[problem.cell[taken] == k])
        served = np.zeros(problem.batches, dtype=np.bool_)
        served[problem.batch[kept]] = True
        try:
            kept = np.concatenate([kept, dive(self._patterns, self._over, served, ~free)])
        except KeyboardInterrupt:
            search.interrupted = True
        values = np.zeros_like(search.best.values)
        values[problem.column[kept]] = 1.0
        missing = np.setdiff1d(np.arange(problem.batches), problem.batch[kept])
        room = search.whole.program.row_upper - search.whole.activity(values)
        search.rival(place(search.whole, values, room, search.prices.column, missing), rounds)

    def _over(self) -> bool:
        self._search.tell()
        self._search.interrupted = self._search.interrupted or self._patterns.interrupted()
        left = self._search.effort.left()
        return self._search.interrupted or (left is not None and left <= self._until)
