import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.metrics.profiles import profiles
from planner.report.results.account import left_out, troubles
from planner.report.results.rows import Row
from planner.report.results.standings import leaderboard
from tests.unit.report.campaign_rows import broken, failed, results, row

TASKS = ("t1", "t2", "t3", "t4")


def of(policy: str, *gaps: float | None) -> list[Row]:
    """A row a task; None breaks a rule."""
    return [broken(t, policy, "M1") if g is None else row(t, policy, g) for t, g in zip(TASKS, gaps, strict=False)]


def test_quantiles_are_gaps_that_a_share_is_within() -> None:
    (standing,) = leaderboard(results(*of("a", 0.4, 0.1, 0.3, 0.2))).ranked
    assert [standing.quantile(q) for q in (0.25, 0.5, 0.51, 0.75, 1.0)] == [0.1, 0.2, 0.3, 0.3, 0.4]


def test_a_broken_rule_is_worse_than_any_gap() -> None:
    board = leaderboard(results(*of("neat", 0.5, 0.5, 0.5, 0.5), *of("reckless", 0.1, None, None, 0.1)))
    reckless = next(each for each in board.ranked if each.policy == "reckless")
    assert reckless.quantile(0.5) == 0.1
    assert reckless.quantile(0.75) is None
    assert (reckless.broken, reckless.broken_anywhere, reckless.failed) == (2, 2, 0)


def test_policies_are_compared_where_all_of_them_finished() -> None:
    easy = [row("t1", "absent", 0.9), row("t2", "absent", 0.9), failed("t3", "absent")]
    board = leaderboard(results(*of("a", 0.1, 0.2, 9.0, 9.0), *easy))
    assert board.compared == ("t1", "t2")
    assert [each.policy for each in board.ranked] == ["a", "absent"]
    assert board.ranked[0].quantile(1.0) == 0.2
    assert left_out(results(*of("a", 0.1, 0.2, 9.0, 9.0), *easy), board)[0].startswith("2 of 4 instances are left out")


def test_other_forecasters_are_not_in_the_leaderboard() -> None:
    main = [row(t, "a", 0.2, forecast="recorded") for t in TASKS[:3]]
    found = results(*main, row("t4", "a", 0.0, forecast="perfect", uses_future=True))
    board = leaderboard(found)
    assert (board.forecast, board.tasks, board.elsewhere) == ("recorded", 3, 1)
    assert board.ranked[0].quantile(0.01) == 0.2
    assert "1 instance with other forecasters than recorded" in left_out(found, board)[0]


def test_a_forecaster_that_knows_the_truth_makes_no_leaderboard() -> None:
    told = [row(t, "a", 0.0, forecast="perfect", uses_future=True, regime="forecast") for t in TASKS[:3]]
    board = leaderboard(results(*told, row("t4", "a", 0.2, forecast="recorded", regime="forecast")))
    assert (board.forecast, board.tasks, board.elsewhere) == ("recorded", 1, 3)
    assert leaderboard(results(*told)).forecast == "perfect"


def test_who_finished_too_few_is_not_ranked() -> None:
    found = results(*of("a", 0.1, 0.2, 0.3, 0.4), row("t1", "rare", 0.0))
    board = leaderboard(found)
    assert [each.policy for each in board.ranked] == ["a"]
    assert board.compared == TASKS
    (rare,) = board.unranked
    assert (rare.finished, rare.compared, rare.quantile(0.5)) == (1, 1, 0.0)
    assert "rare has a verified plan on 1 of 4" in left_out(found, board)[0]


def test_two_suites_in_one_table_leave_something_to_compare() -> None:
    board = leaderboard(results(row("t1", "a", 0.1), row("t2", "a", 0.1), row("t3", "b", 0.1), row("t4", "b", 0.1)))
    assert [each.policy for each in board.ranked] == ["a"]
    assert board.compared == ("t1", "t2")
    assert [each.policy for each in board.unranked] == ["b"]


def test_where_all_failed_nobody_is_ranked() -> None:
    board = leaderboard(results(failed("t1", "a"), failed("t2", "a")))
    assert (board.ranked, board.compared, board.best) == ((), (), None)
    assert board.unranked[0].failed == 2


def test_anchors_and_clairvoyants_have_no_rank() -> None:
    seer = [row(t, "seer", 0.0, regime="clairvoyant", uses_future=True) for t in TASKS]
    informed = [row(t, "told", 0.05, regime="forecast", uses_future=True) for t in TASKS]
    board = leaderboard(
        results(*of("optimum", 0, 0, 0, 0), *of("a", 1, 1, 1, 1), *seer, *informed, *of("worst", 2, 2, 2, 2))
    )
    assert [(each.policy, board.rank(each)) for each in board.ranked] == [("seer", None), ("told", 1), ("a", 2)]
    assert [each.policy for each in board.anchors] == ["optimum", "worst"]
    assert board.best is not None
    assert board.best.policy == "told"


def test_every_trouble_is_counted() -> None:
    unverified = row("t4", "a", 0.1, verified=False)
    found = results(
        row("t1", "a", 0.1), broken("t2", "a", "M1", "M5"), failed("t3", "a", "boom"), unverified, row("t1", "b", 1)
    )
    assert troubles(found) == [
        ("b", "no row: not asked for, or not finished", "3"),
        ("a", "broke M1: no gap", "1"),
        ("a", "broke M5: no gap", "1"),
        ("a", "failed: boom", "1"),
        ("a", "not verified: its figures are not used", "1"),
    ]


gap = st.one_of(st.none(), st.floats(0, 10))


@settings(max_examples=50)
@given(st.lists(st.tuples(gap, gap), min_size=1, max_size=8))
def test_the_median_is_that_of_the_profile(gaps: list[tuple[float | None, float | None]]) -> None:
    names = [f"t{n}" for n in range(len(gaps))]
    rows = [
        broken(t, p, "M1") if g is None else row(t, p, g)
        for t, pair in zip(names, gaps, strict=True)
        for p, g in zip("ab", pair, strict=True)
    ]
    board = leaderboard(results(*rows))
    by_name = {p.policy: p for p in profiles((r.task, r.policy, r.gap) for r in rows)}
    for standing in board.ranked:
        for share in (0.25, 0.5, 0.95, 1.0):
            value = standing.quantile(share)
            within = by_name[standing.policy].within(float("1e9") if value is None else value)
            assert (within < share) if value is None else (within >= share - 1e-9)
    best = min(board.ranked, key=lambda each: float("inf") if (m := each.quantile(0.5)) is None else m)
    assert board.ranked[0].quantile(0.5) == pytest.approx(best.quantile(0.5))
