"""Large-neighbourhood search: free some batches, solve for them with HiGHS, keep what is better, again."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.solve.highs import Progress, Session, Stop
from planner.solve.unsplittable.assignment import Assignment
from planner.solve.unsplittable.batches import WholeBatches
from planner.solve.unsplittable.exchanges import exchanged
from planner.solve.unsplittable.incumbent import Incumbent, incumbent
from planner.solve.unsplittable.neighbourhoods import KINDS, MENDING, Scene, scene
from planner.solve.unsplittable.part import Part, part
from planner.solve.unsplittable.prices import Prices

FIRST_SIZE, FIRST_COLUMNS = 24, 800  # batches and columns of a first part, at most; nor more than a quarter of all
LEAST_SIZE, MOST_SIZE = 4, 100
NODES = 20  # of a part's branch and bound: the first few nodes find nearly all there is to find (docs/solver.md)
PATIENCE = 80  # rounds in a row without a gain end the search
MEMORY = 0.8  # of a kind's score in each round
LEAST_SCORE = 0.1
EXCHANGED = 20_000  # options for each gain more between two looks for chains
GAP = 1e-4  # of a part, at most
# HiGHS's own neighbourhood searches take half of the time of a small programme and find nothing more there.
PLAIN = {
    "mip_max_nodes": NODES,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
}


@dataclass(slots=True)
class Kind:
    """How a kind of neighbourhood did lately, and how many batches it frees."""

    size: float
    score: float = 1.0

    def learn(self, *, gained: bool, solved: bool) -> None:
        """One that is solved to the end and yet gains nothing has to be larger next time."""
        self.score = MEMORY * self.score + (1 - MEMORY) * gained
        factor = 0.8 if not solved else 1.0 if gained else 1.2
        self.size = float(np.clip(self.size * factor, LEAST_SIZE, MOST_SIZE))


@dataclass(frozen=True, slots=True, eq=False)
class Effort:
    """What a search may take; `left` tells the seconds left, None without a limit. `rounds` None: until patience ends.

    `gap` is that to the relaxation's optimum at which it may stop. The same seed gives the same plan unless time ends
    it. `patterns`: where it may, it begins with a dive. `progress` hears elapsed seconds, objective, bound and gap.
    """

    left: Callable[[], float | None]
    gap: float = 1e-4
    threads: int = 1
    seed: int = 0
    rounds: int | None = None
    patterns: bool = True
    progress: Progress | None = None


@dataclass(slots=True, eq=False)
class Search:
    """The state of one search: its plan, its draws and what it learnt of the kinds of neighbourhood.

    `problem` is the same programme as a generalised assignment problem, None where it is none.
    """

    whole: WholeBatches
    prices: Prices
    relaxed: Floats
    effort: Effort
    bound: float
    best: Incumbent
    random: np.random.Generator
    problem: Assignment | None = None
    begun: float = field(default_factory=time.perf_counter)
    kinds: dict[str, Kind] = field(init=False)
    rounds: int = 0
    gains: int = 0
    idle: int = 0
    interrupted: bool = False
    exhausted: bool = False

    def __post_init__(self) -> None:
        each = len(self.whole.columns) / max(len(self.whole), 1)
        small = min(FIRST_SIZE, FIRST_COLUMNS / max(each, 1.0), len(self.whole) / 4)
        size = max(small, float(LEAST_SIZE))
        self.kinds = {name: Kind(size) for name in KINDS}

    def run(self, rounds: float = np.inf) -> Incumbent:
        """Until it is good enough, nothing is gained any more, time or `rounds` are up or somebody pressed Ctrl-C."""
        self.idle, last = 0, self.rounds + rounds
        try:
            self._exchange()
            while not self.over() and self.rounds < last and self.idle < PATIENCE:
                self._round()
                self.tell()
        except KeyboardInterrupt:  # between two solves; within one the session hears it
            self.interrupted = True
        return self.best

    def rival(self, values: Floats, rounds: int = 0) -> None:
        """Another plan, complete or not, and what as many rounds make of it: the better one stays."""
        before, self.best = self.best, incumbent(self.whole, values)
        self.complete()
        self.run(rounds)
        self.best = self.best if self.best.better_than(before) else before

    def complete(self) -> None:
        """Servers, flows and misses for the batches as they stand."""
        program = self.whole.program
        columns = np.flatnonzero((self.whole.batch < 0) | (program.integer == 0))
        if len(columns):
            self._solve(part(self.whole, self.best, columns), {})

    def over(self) -> bool:
        """Whether more search is no use or not allowed."""
        left, most = self.effort.left(), self.effort.rounds
        done = self.best.broken == 0 and self.best.objective <= self.bound + self.effort.gap * abs(self.bound)
        late = (left is not None and left <= 0) or (most is not None and self.rounds >= most)
        return done or late or self.interrupted or self.exhausted

    def tell(self) -> None:
        """How far it is."""
        if self.effort.progress is None:
            return
        plan = self.best.objective if self.best.broken == 0 else None
        gap = None if plan is None or not self.bound else (plan - self.bound) / abs(self.bound)
        self.effort.progress(time.perf_counter() - self.begun, plan, self.bound, gap)

    def _round(self) -> None:
        kind = self._drawn()
        now = scene(self.whole, self.best, self.prices, self.relaxed)
        batches = KINDS[kind](now, self.random, round(self.kinds[kind].size))
        columns = freed(now, batches)
        gained, solved = self._solve(part(self.whole, self.best, columns), PLAIN)
        self.kinds[kind].learn(gained=gained, solved=solved)
        self.rounds += 1
        self.idle = 0 if gained else self.idle + 1
        self.gains += gained
        if gained and self.gains % self._gains_an_exchange() == 0:
            self._exchange()
        self.exhausted = solved and len(batches) == len(self.whole)

    def _gains_an_exchange(self) -> int:
        """Looking for chains takes time in proportion to the options, a part does not."""
        return 1 + len(self.whole.columns) // EXCHANGED

    def _exchange(self) -> None:
        """Chains of moves, where the problem knows them and the plan keeps every row."""
        if self.problem is not None and self.best.broken == 0:
            found = incumbent(self.whole, exchanged(self.problem, self.best.values))
            self.best = found if found.better_than(self.best) else self.best

    def _drawn(self) -> str:
        names = list(self.kinds) if self.best.broken == 0 else list(MENDING)
        chance = np.array([LEAST_SCORE + self.kinds[name].score for name in names])
        return names[int(self.random.choice(len(names), p=chance / chance.sum()))]

    def _solve(self, small: Part, options: Mapping[str, int | bool]) -> tuple[bool, bool]:
        """Whether the part's answer is better than the plan, and whether HiGHS came to an end with it."""
        session = Session(small.program, threads=self.effort.threads, seed=self.effort.seed)
        session.set({"mip_rel_gap": min(GAP, self.effort.gap), "mip_abs_gap": 0.0, **options})
        session.whole(on=True)
        session.start(dict(enumerate(small.start.tolist())))
        answer = session.run(time_limit=self.effort.left())
        self.interrupted = self.interrupted or session.interrupted()
        gained = False
        if answer.values is not None:
            found = incumbent(self.whole, small.spread(answer.values, self.best.values))
            gained = found.better_than(self.best)
            self.best = found if gained else self.best
        return gained, answer.stop == Stop.OPTIMAL


def freed(now: Scene, batches: Ints) -> Ints:
    """The columns to free: options that a better plan of these batches may use, and the companions they reach.

    An option dearer than its batch's cheapest by more than the gap that these batches and what they touch hold cannot
    pay.
    """
    whole, at, plan = now.whole, now.prices, now.plan
    options = whole.of(batches)
    companions = whole.reached(options)
    if plan.broken == 0:
        rows = np.unique(whole.entries(np.concatenate([options, companions]))[1])
        closable = now.excess[batches].sum() + now.waste[rows].sum() + _above(now, companions)
        dearer = at.column[options] / whole.share[options] - at.least[whole.batch[options]]
        options = options[(dearer <= closable) | (plan.values[options] > 0)]
    return np.concatenate([options, companions])


def _above(now: Scene, companions: Ints) -> float:
    """What companions cost above the bound: their price times the distance from the limit it drives them to."""
    program, price = now.whole.program, now.prices.column[companions]
    limit = np.where(price > 0, program.column_lower[companions], program.column_upper[companions])
    far = np.where(np.isfinite(limit), now.plan.values[companions] - limit, 0.0)
    return float((price * far).sum())
