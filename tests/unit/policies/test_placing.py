"""Work into pools and hours: regret, room, and the two policies that plan with it."""

import numpy as np
import pytest

from planner.policies.placing import Work, place
from planner.replay.loop import replay
from tests.unit.replay.small import HOUR, job, small, workload


def work(price: object, load: float = 1.0, **changes: object) -> Work:
    table = np.array(price, dtype=np.float64)
    n, pools, _ = table.shape
    fields = {
        "load": np.full((n, pools), load),
        "price": table,
        "rank": np.zeros(n, dtype=np.int64),
        "whole": np.zeros(n, dtype=np.bool_),
        "length": np.ones(n, dtype=np.int64),
    }
    return Work(**(fields | changes))  # type: ignore[arg-type]


def placed(of: Work, room: object) -> set[tuple[int, int, int, float]]:
    piece, pool, hour, share = place(of, np.array(room, dtype=np.float64))
    return set(zip(piece.tolist(), pool.tolist(), hour.tolist(), share.round(9).tolist(), strict=True))


def test_the_largest_regret_goes_first() -> None:
    both_want_hour_0 = work([[[1.0, 2.0]], [[1.0, 9.0]]])
    assert placed(both_want_hour_0, [[1.0, 1.0]]) == {(1, 0, 0, 1.0), (0, 0, 1, 1.0)}


def test_a_lower_rank_goes_before_any_regret() -> None:
    ranked = work([[[1.0, 2.0]], [[1.0, 9.0]]], rank=np.array([0, 1]))
    assert placed(ranked, [[1.0, 1.0]]) == {(0, 0, 0, 1.0), (1, 0, 1, 1.0)}


def test_regret_is_looked_at_again_when_a_place_is_full() -> None:
    # 0 and 1 differ little at first; once pool 0 is full, 1 would lose 50 and 0 nothing
    prices = [[[0.0], [1.0], [2.0]], [[9.0], [1.0], [51.0]], [[0.0], [60.0], [60.0]]]
    assert placed(work(prices), [[1.0], [1.0], [1.0]]) == {(2, 0, 0, 1.0), (1, 1, 0, 1.0), (0, 2, 0, 1.0)}


def test_what_can_be_split_fills_a_place_to_its_end() -> None:
    assert placed(work([[[1.0, 2.0]]], load=4.0), [[1.0, 9.0]]) == {(0, 0, 0, 0.25), (0, 0, 1, 0.75)}


def test_what_is_whole_goes_where_it_fits() -> None:
    whole = work([[[1.0, 2.0]]], load=4.0, whole=np.array([True]))
    assert placed(whole, [[1.0, 9.0]]) == {(0, 0, 1, 1.0)}


def test_a_long_piece_needs_room_in_all_its_hours() -> None:
    long = work([[[1.0, 2.0, np.inf]]], whole=np.array([True]), length=np.array([2]))
    assert placed(long, [[1.0, 0.5, 1.0]]) == set()
    assert placed(long, [[0.5, 1.0, 1.0]]) == {(0, 0, 1, 1.0)}


def test_what_has_no_place_is_left_out() -> None:
    assert placed(work([[[np.inf, np.inf]]]), [[1.0, 1.0]]) == set()
    assert placed(work([[[1.0]], [[2.0]]]), [[1.5]]) in (
        {(0, 0, 0, 1.0), (1, 0, 0, 0.5)},
        {(1, 0, 0, 1.0), (0, 0, 0, 0.5)},
    )


def test_places_without_end_take_all() -> None:
    assert placed(work([[[1.0, 2.0]]] * 3), [[np.inf, np.inf]]) == {(i, 0, 0, 1.0) for i in range(3)}


def test_random_work_fits_its_room_and_is_placed_once() -> None:
    draw = np.random.default_rng(5)
    of = work(draw.uniform(1, 9, (40, 3, 6)), load=1.0, rank=draw.integers(0, 2, 40), whole=draw.random(40) < 0.3)
    room = draw.uniform(1.0, 3.0, (3, 6))
    piece, pool, hour, share = place(of, room)
    used = np.zeros_like(room)
    np.add.at(used, (pool, hour), share)
    assert np.all(used <= room + 1e-6)
    done = np.bincount(piece, share, 40)
    assert np.all(done <= 1 + 1e-9)
    assert np.all((done[of.whole] == 0) | (done[of.whole] == 1))
    assert used.sum() > 0.8 * room.sum()


def test_regret_gives_the_clean_pool_to_whom_it_helps_most() -> None:
    works = (workload("w0"), workload("w1", allowed_regions=("r0", "r2")))
    instance = small([[100], [150], [900]], [[[HOUR]], [[HOUR]]], workloads=works, servers=np.ones((3, 1)))
    plan = replay(instance, "regret").plan
    assert dict(zip(plan.batch.tolist(), plan.pool.tolist(), strict=True)) == {0: 1, 1: 0}


def test_regret_waits_for_its_best_hour_as_far_as_there_is_room() -> None:
    instance = small(
        [[300] * 9 + [200, 100] + [300] * 9],
        [0] * 8 + [2 * HOUR] + [0] * 11,
        workloads=(workload("w0", slack_periods=3),),
        servers=np.ones((1, 20)),
    )
    plan = replay(instance, "regret", forecast="perfect").plan
    assert (plan.period.tolist(), plan.share.tolist()) == ([9, 10], pytest.approx([0.5, 0.5]))


def test_regret_starts_a_job_in_its_best_window() -> None:
    instance = small([[300, 100, 250, 120, 120]], [0] * 5, jobs=(job("j", release=0, deadline=4, length=2),))
    assert replay(instance, "regret", forecast="perfect").plan.period.tolist() == [3]


def test_vcc_moves_flexible_work_into_the_clean_hours_it_planned() -> None:
    day = [300.0] * 6 + [100.0] * 6 + [300.0] * 12
    instance = small(
        [day * 3], [[[HOUR] * 72]], workloads=(workload("w0", slack_periods=12),), servers=np.full((1, 72), 4.0)
    )
    vcc, at_once = (replay(instance, spec).verdict for spec in ("vcc", "lowest-carbon"))
    assert vcc.violations == at_once.violations == ()
    plan = replay(instance, "vcc").plan
    in_clean = (plan.period >= 24) & (plan.period % 24 >= 6) & (plan.period % 24 < 12)
    assert plan.share[in_clean].sum() == pytest.approx(12 + 18)  # the first evening knows no clean hours yet
    assert vcc.objective.total < at_once.objective.total


def test_vcc_does_not_cap_what_cannot_wait() -> None:
    instance = small([[300.0] * 48], [[[HOUR] * 47 + [3 * HOUR]]], servers=np.full((1, 48), 4.0))
    assert replay(instance, "vcc").verdict.violations == ()
