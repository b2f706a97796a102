"""The pieces of the search over whole batches: the view of a programme, the greedy, parts, neighbourhoods, dispatch."""

from dataclasses import replace

import numpy as np
import pytest

from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance, Ints
from planner.domain.results import Termination
from planner.solve.highs import Answer, Session
from planner.solve.oracle import Clock, prepare, solve
from planner.solve.translate import LinearProgram
from planner.solve.unsplittable import plan as choice
from planner.solve.unsplittable.batches import WholeBatches, whole_batches
from planner.solve.unsplittable.greedy import place
from planner.solve.unsplittable.incumbent import Incumbent, incumbent
from planner.solve.unsplittable.neighbourhoods import KINDS, scene
from planner.solve.unsplittable.part import part
from planner.solve.unsplittable.plan import search, searchable
from planner.solve.unsplittable.prices import excess_of_batches, prices, waste_of_rows
from planner.solve.unsplittable.search import Effort, Search, freed

BATCHES = np.arange(3)


@pytest.fixture(scope="module")
def day() -> Instance:
    """Thousands of options of whole batches for three pools that are nearly full."""
    made = grid(GridSize(regions=3, origins=4, hours=20, workloads=3, capacity=1.4), seed=1)
    return made.replace(workloads=tuple(replace(w, splittable=False) for w in made.workloads))


@pytest.fixture(scope="module")
def relaxed(day: Instance) -> tuple[WholeBatches, Answer]:
    run = prepare(day, "auto", Clock(), threads=1, seed=0)
    return whole_batches(run.program, periods=day.periods), run.session.run()


def assignment(load: list[list[float]], cost: list[list[float]], capacity: list[float]) -> WholeBatches:
    """Batches (rows) on pools (columns) for one period, as a programme with the families (M1) and (M2)."""
    batches, pools = np.shape(load)
    column = np.arange(batches * pools)
    served = np.repeat(np.eye(batches), pools, axis=1)
    loaded = np.zeros((pools, len(column)))
    loaded[column % pools, column] = np.ravel(load)
    matrix = np.vstack([served, loaded])
    row, at = np.nonzero(matrix)
    program = LinearProgram(
        cost=np.ravel(cost).astype(float),
        starts=np.searchsorted(row, np.arange(len(matrix) + 1)).astype(np.int32),
        indices=at.astype(np.int32),
        values=matrix[row, at],
        row_lower=np.concatenate([np.ones(batches), np.full(pools, -np.inf)]),
        row_upper=np.concatenate([np.ones(batches), capacity]),
        column_lower=np.zeros(len(column)),
        column_upper=np.ones(len(column)),
        integer=np.ones(len(column), dtype=np.int32),
        column_of=column,
        families={
            "M1": (np.arange(batches), np.arange(batches)),
            "M2": (np.arange(pools), batches + np.arange(pools)),
        },
    )
    return whole_batches(program, periods=1)


def chosen(values: np.ndarray, pools: int) -> list[int]:
    """The pool of each batch."""
    return [int(p) for p in np.argmax(values.reshape(-1, pools), axis=1)]


def placed(whole: WholeBatches, batches: Ints) -> np.ndarray:
    return place(whole, np.zeros(len(whole.program.cost)), whole.program.row_upper, whole.program.cost, batches)


def test_the_batch_with_most_to_lose_chooses_first() -> None:
    whole = assignment([[1, 1], [1, 1]], [[1, 2], [1, 9]], [1, 1])
    assert chosen(placed(whole, np.arange(2)), 2) == [1, 0]


def test_regret_is_looked_at_again_as_pools_fill() -> None:
    """Once the first batch has filled pool 0 the second needs pool 1, before the third, whose regret was larger."""
    whole = assignment([[2, 9, 9], [1, 1, 9], [9, 1, 1]], [[0, 99, 99], [0, 1, 99], [99, 0, 5]], [2, 1, 1])
    assert chosen(placed(whole, BATCHES), 3) == [0, 1, 2]


def test_what_fits_nowhere_goes_where_it_overloads_least() -> None:
    whole = assignment([[3, 3]], [[0, 5]], [1, 2])
    found = incumbent(whole, placed(whole, np.arange(1)))
    assert chosen(found.values, 2) == [1]
    assert found.broken == pytest.approx(1.0)


def test_a_plan_that_breaks_less_is_better_whatever_it_costs() -> None:
    def plan(objective: float, broken: float) -> Incumbent:
        return Incumbent(np.zeros(0), np.zeros(0), objective, broken)

    assert plan(9, 0).better_than(plan(1, 0.1))
    assert plan(1, 0).better_than(plan(2, 0))
    assert not plan(1, 0).better_than(plan(1, 0))
    assert not plan(0, 0.1).better_than(plan(5, 0))


def test_a_part_mends_what_is_broken_before_it_saves() -> None:
    whole = assignment([[2, 2], [2, 2]], [[0, 50], [0, 70]], [2, 2])
    both_on_one = incumbent(whole, np.array([1.0, 0.0, 1.0, 0.0]))
    small = part(whole, both_on_one, np.arange(4))
    session = Session(small.program, threads=1, seed=0)
    session.whole(on=True)
    answer = session.run()
    assert answer.values is not None
    mended = incumbent(whole, small.spread(answer.values, both_on_one.values))
    assert mended.broken == 0
    assert mended.objective == 50


def test_a_part_leaves_what_it_does_not_free() -> None:
    whole = assignment([[2, 2], [2, 2]], [[0, 50], [0, 70]], [2, 2])
    plan = incumbent(whole, np.array([1.0, 0.0, 0.0, 1.0]))
    small = part(whole, plan, whole.of(np.array([1])))
    session = Session(small.program, threads=1, seed=0)
    session.whole(on=True)
    answer = session.run()
    assert answer.values is not None
    assert np.array_equal(small.spread(answer.values, plan.values), plan.values)  # pool 0 is full of the other batch


def test_the_gap_to_the_bound_is_what_batches_and_rows_hold(relaxed: tuple[WholeBatches, Answer]) -> None:
    """Objective - Lagrangian = what batches cost above their least + what priced rows leave unused."""
    whole, answer = relaxed
    assert answer.duals is not None
    assert answer.objective is not None
    at = prices(whole, answer.duals)
    values = placed_by_search(relaxed, rounds=0).values
    assert values is not None
    plan = incumbent(whole, values)
    parts = excess_of_batches(whole, at, values).sum() + waste_of_rows(whole, at, plan.activity).sum()
    assert plan.objective - answer.objective == pytest.approx(parts, rel=1e-6)


def placed_by_search(relaxed: tuple[WholeBatches, Answer], *, rounds: int) -> Answer:
    return search(*relaxed, Effort(left=lambda: None, rounds=rounds, patterns=False)).answer


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_frees_as_many_batches_as_asked(kind: str, relaxed: tuple[WholeBatches, Answer]) -> None:
    whole, answer = relaxed
    found = placed_by_search(relaxed, rounds=0)
    assert found.values is not None
    assert answer.values is not None
    assert answer.duals is not None
    now = scene(whole, incumbent(whole, found.values), prices(whole, answer.duals), answer.values)
    drawn = [KINDS[kind](now, np.random.default_rng(s), 7) for s in range(3)]
    assert all(len(np.unique(d)) == 7 for d in drawn)
    assert not all(np.array_equal(drawn[0], d) for d in drawn[1:])
    columns = freed(now, drawn[0])
    assert set(whole.batch[columns].tolist()) == set(drawn[0].tolist())  # no companions in this programme


def test_rounds_improve_the_greedy(relaxed: tuple[WholeBatches, Answer]) -> None:
    greedy, searched = (placed_by_search(relaxed, rounds=n) for n in (0, 12))
    assert greedy.objective is not None
    assert searched.objective is not None
    assert relaxed[1].objective is not None
    assert relaxed[1].objective < searched.objective < greedy.objective


def test_what_is_broken_is_mended_first() -> None:
    """Pool 0 holds too much; room for it is in pool 1 only once the small batch there has gone to pool 2."""
    whole = assignment([[3, 3, 9], [3, 3, 9], [9, 2, 2]], [[0, 5, 0], [0, 5, 0], [0, 1, 7]], [3, 3, 2])
    crowded = incumbent(whole, np.array([1.0, 0, 0, 1, 0, 0, 0, 1, 0]))
    assert crowded.broken == 3
    at = prices(whole, np.zeros(6))
    effort = Effort(left=lambda: None, rounds=10)
    found = Search(whole, at, crowded.values, effort, 0.0, crowded, np.random.default_rng(0)).run()
    assert found.broken == 0
    assert found.objective == 12


def test_ctrl_c_between_two_rounds_keeps_the_plan(
    relaxed: tuple[WholeBatches, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(_: Search) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Search, "_round", pressed)
    found = placed_by_search(relaxed, rounds=5)
    assert found.stop == "interrupted"
    assert found.values is not None


def test_large_instances_are_searched_and_the_result_says_so(day: Instance) -> None:
    heard: list[float | None] = []
    result = solve(day, time_limit=4, progress=lambda *told: heard.append(told[1]))
    assert f"{choice.SEARCH} over" in result.formulation
    assert result.termination is Termination.TIME_LIMIT
    assert result.bounds.certified is not None
    assert result.bounds.certified <= result.objective.total
    assert heard[-1] == pytest.approx(result.objective.total, rel=1e-6)


def test_small_instances_and_hour_maps_are_left_to_branch_and_bound(day: Instance) -> None:
    from planner.data.slicing import slice_periods
    from planner.domain.instance import HourMapRule

    for case in (slice_periods(day, 0, 3), day.replace(hour_map=HourMapRule())):
        run = prepare(case, "auto", Clock(), threads=1, seed=0)
        assert searchable(case, run.program) is None
