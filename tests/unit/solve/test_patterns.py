"""Whole batches as a generalised assignment problem: knapsacks, patterns, the dive, exchanges, and what they prove."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance
from planner.solve.highs import Answer
from planner.solve.oracle import Clock, prepare, solve
from planner.solve.unsplittable import dives
from planner.solve.unsplittable import plan as choice
from planner.solve.unsplittable.assignment import Assignment, assignment
from planner.solve.unsplittable.batches import WholeBatches, whole_batches
from planner.solve.unsplittable.dives import Dives
from planner.solve.unsplittable.diving import dive
from planner.solve.unsplittable.exchanges import exchanged
from planner.solve.unsplittable.incumbent import incumbent
from planner.solve.unsplittable.knapsack import fullest
from planner.solve.unsplittable.patterns import Patterns, generate
from planner.solve.unsplittable.plan import search
from planner.solve.unsplittable.prices import prices
from planner.solve.unsplittable.search import Effort, Search
from planner.verify.bound import lower_bound
from planner.verify.judge import check

View = tuple[WholeBatches, Answer, Assignment]


def few_batches(*, origins: int, seed: int) -> Instance:
    """A few large batches a pool and hour."""
    made = grid(GridSize(regions=3, origins=origins, hours=8, workloads=2, capacity=1.3), seed=seed)
    return made.replace(workloads=tuple(replace(w, splittable=False) for w in made.workloads))


@pytest.fixture(scope="module")
def few() -> Instance:
    return few_batches(origins=2, seed=3)


@pytest.fixture(scope="module")
def view(few: Instance) -> View:
    return viewed(few)


def viewed(few: Instance) -> View:
    run = prepare(few, "auto", Clock(), threads=1, seed=0)
    whole = whole_batches(run.program, periods=few.periods)
    problem = assignment(whole)
    assert problem is not None
    return whole, run.session.run(), problem


def least(whole: WholeBatches, relaxed: Answer) -> np.ndarray:
    assert relaxed.duals is not None
    return prices(whole, relaxed.duals).least


def untouched(problem: Assignment) -> tuple[np.ndarray, np.ndarray]:
    """No batch served and no cell shut yet."""
    return np.zeros(problem.batches, dtype=np.bool_), np.zeros(len(problem.inside), dtype=np.bool_)


@pytest.mark.parametrize("seed", range(8))
def test_the_fullest_knapsack_is_that_of_all_choices(seed: int) -> None:
    random = np.random.default_rng(seed)
    group = np.sort(random.integers(0, 5, 9))
    value, weight = random.uniform(0.1, 1, 9), random.integers(0, 12, 9)
    worth, chosen = fullest(value, weight, group, 20)
    assert worth == pytest.approx(value[chosen].sum())
    assert weight[chosen].sum() <= 20
    assert len(np.unique(group[chosen])) == len(chosen)
    choices = product(*([None, *np.flatnonzero(group == g).tolist()] for g in np.unique(group)))
    sets = [[i for i in c if i is not None] for c in choices]
    assert worth == pytest.approx(max(value[s].sum() for s in sets if weight[s].sum() <= 20))


def test_options_load_their_cell_by_its_share(view: View, few: Instance) -> None:
    whole, _, problem = view
    assert problem.batches == len(whole) == int((few.requests > 0).sum())
    assert len(problem.inside) == few.servers.size
    activity = whole.activity(np.eye(1, len(whole.program.cost), int(problem.column[5]))[0])
    _, rows = whole.program.families["M2"]
    assert problem.weight[5] == pytest.approx((activity / whole.program.row_upper)[rows[problem.cell[5]]])
    assert all((np.diff(problem.batch[k]) >= 0).all() for k in problem.inside)


@pytest.mark.parametrize("change", ["splittable", "provisioning"])
def test_a_programme_that_holds_more_is_none(few: Instance, change: str) -> None:
    if change == "provisioning":
        other = few.replace(provisioning=True)
    else:
        other = few.replace(workloads=(few.workloads[0], replace(few.workloads[1], splittable=True)))
    run = prepare(other, "auto", Clock(), threads=1, seed=0)
    assert assignment(whole_batches(run.program, periods=few.periods)) is None


def test_a_dive_fills_cells_but_not_beyond(view: View) -> None:
    whole, relaxed, problem = view
    patterns = Patterns(problem, least(whole, relaxed), threads=1, seed=0)
    generate(patterns, least(whole, relaxed), lambda: False)
    chosen = dive(patterns, lambda: False, *untouched(problem))
    assert len(chosen) == problem.batches == len(np.unique(problem.batch[chosen]))
    assert np.bincount(problem.cell[chosen], problem.weight[chosen]).max() <= 1
    assert relaxed.objective is not None
    assert relaxed.objective <= problem.cost[chosen].sum() <= 1.2 * relaxed.objective


def test_a_dive_leaves_alone_what_is_served_and_shut(view: View) -> None:
    whole, relaxed, problem = view
    patterns = Patterns(problem, least(whole, relaxed), threads=1, seed=0)
    everything = dive(patterns, lambda: False, *untouched(problem))
    served, shut = untouched(problem)
    shut[: len(shut) // 2] = True
    kept = everything[shut[problem.cell[everything]]]
    served[problem.batch[kept]] = True
    chosen = dive(patterns, lambda: False, served, shut)
    assert len(chosen)
    assert not served[problem.batch[chosen]].any()
    assert not shut[problem.cell[chosen]].any()


def test_parts_of_the_periods_filled_anew_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dives, "POLISH", 0)
    seen = viewed(few_batches(origins=3, seed=2))
    found = begun(seen)
    again = Dives(found, seen[2])
    again.first()
    once = found.best
    again.go_on()
    assert found.best.broken == 0
    assert found.best.better_than(once)


def test_parts_cover_all_periods_and_overlap(view: View, few: Instance) -> None:
    parts = Dives(begun(view), view[2])._parts()
    assert {int(part.sum()) for part in parts} == {2 * len(few.pools)}
    assert (np.sum(parts, axis=0) >= 1).all()
    assert (np.sum(parts, axis=0) == 2).sum() == len(few.pools) * (few.periods - 2)


def test_without_time_parts_are_left_as_they_are(view: View) -> None:
    found = begun(view, left=lambda: 0.0)
    before = found.best
    Dives(found, view[2]).go_on()
    assert found.best is before


def begun(view: View, left: Callable[[], float | None] = lambda: None) -> Search:
    whole, relaxed, problem = view
    assert relaxed.values is not None
    assert relaxed.duals is not None
    assert relaxed.objective is not None
    at, effort = prices(whole, relaxed.duals), Effort(left=left)
    nothing = incumbent(whole, np.zeros_like(relaxed.values))
    return Search(whole, at, relaxed.values, effort, relaxed.objective, nothing, np.random.default_rng(0), problem)


def test_a_dive_out_of_time_has_taken_nothing(view: View) -> None:
    whole, relaxed, problem = view
    patterns = Patterns(problem, least(whole, relaxed), threads=1, seed=0)
    start = least(whole, relaxed)
    assert (generate(patterns, start, lambda: True) == start).all()
    assert len(dive(patterns, lambda: True, *untouched(problem))) == 0


def test_kept_knapsacks_prove_more_than_prices_of_capacity(few: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "FROM_PATTERNS", 1)
    monkeypatch.setattr(choice, "DIVE_SECONDS", 0.0)
    plain = few.replace(workloads=tuple(replace(w, splittable=True) for w in few.workloads))
    result, relaxed = solve(few, gap=1e-6, time_limit=6), solve(plain)
    assert result.multipliers is not None
    assert result.multipliers.batches is not None
    assert result.bounds.certified is not None
    assert result.bounds.certified == lower_bound(few, result.multipliers)
    assert relaxed.objective.total * (1 + 1e-5) < result.bounds.certified <= result.objective.total
    assert not check(few, result.plan).violations


def test_a_dive_finds_a_plan_where_the_greedy_finds_none(view: View) -> None:
    whole, relaxed, _ = view
    greedy, dived = (search(whole, relaxed, Effort(left=lambda: None, rounds=0, patterns=on)) for on in (False, True))
    assert greedy.answer.objective is None
    assert greedy.prices is None
    assert dived.answer.objective is not None
    assert dived.prices is not None


def test_a_batch_that_fits_nowhere_is_left_out() -> None:
    """Else the box around its price would be widened for ever."""
    problem = small([[1, 2], [1, 2]], [[0.5, 0.5], [1.5, 1.5]])
    assert [k.tolist() for k in problem.inside] == [[0], [1]]
    patterns = Patterns(problem, np.array([1.0, 0.0]), threads=1, seed=0)
    generate(patterns, np.array([1.0, 0.0]), lambda: False)
    assert dive(patterns, lambda: False, *untouched(problem)).tolist() == [0]


def small(cost: list[list[float]], weight: list[list[float]]) -> Assignment:
    """Batches (rows) on cells (columns)."""
    batches, cells = np.shape(cost)
    cell, fits = np.tile(np.arange(cells), batches), np.ravel(weight) <= 1
    return Assignment(
        column=np.arange(batches * cells),
        batch=np.repeat(np.arange(batches), cells),
        cell=cell,
        cost=np.ravel(cost).astype(float),
        weight=np.ravel(weight).astype(float),
        batches=batches,
        inside=tuple(np.flatnonzero((cell == k) & fits) for k in range(cells)),
        period=np.arange(cells),
    )


def test_three_batches_change_places_at_once() -> None:
    """No batch has room elsewhere and no two gain by swapping; round the three cells they do."""
    cost = [[2, 1, 9], [9, 2, 1], [1, 9, 2]]
    problem = small(cost, [[1, 1, 1]] * 3)
    assert exchanged(problem, np.eye(3).ravel()).tolist() == np.eye(3)[[1, 2, 0]].ravel().tolist()


def test_a_chain_ends_in_free_room() -> None:
    """The first takes the place of the second, which goes where half a cell is free."""
    problem = small([[3, 1, 9], [9, 1, 2]], [[1, 1, 1], [1, 1, 0.5]])
    assert exchanged(problem, np.array([1.0, 0, 0, 0, 1, 0])).tolist() == [0, 1, 0, 0, 0, 1]


@pytest.mark.parametrize("seed", range(6))
def test_exchanges_keep_every_cell_and_never_cost(seed: int) -> None:
    random = np.random.default_rng(seed)
    problem = small(random.uniform(1, 2, (12, 6)), random.uniform(0.2, 0.45, (12, 6)))
    values = np.zeros((12, 6))
    values[np.arange(12), np.arange(12) % 6] = 1.0
    before = values.ravel()
    after = exchanged(problem, before)
    assert (after.reshape(12, 6).sum(axis=1) == 1).all()
    assert (np.bincount(problem.cell, after * problem.weight) <= 1 + 1e-9).all()
    assert problem.cost @ after < problem.cost @ before
    assert (exchanged(problem, after) == after).all()
