import numpy as np
import pytest

from planner.report.results.forecast_error import RESAMPLES, effects, error_classes
from planner.report.results.rows import Results, Row
from planner.report.results.standings import leaderboard
from tests.unit.report.campaign_rows import broken, results, row


def rows_at(error: float, policy: str, gaps: list[float], *, forecast: str = "recorded") -> list[Row]:
    """A row an instance: the instances of two forecasters are the same."""
    return [
        row(
            f"{forecast}-{error}-{n}",
            policy,
            g,
            forecast=forecast,
            forecast_wape=error,
            instance_sha256=f"{error if forecast == 'recorded' else ''}{n}",
        )
        for n, g in enumerate(gaps)
    ]


def of(found: Results) -> tuple[tuple[float, ...], ...]:
    board = leaderboard(found)
    return tuple((c.low, c.high, len(c.tasks)) for c in error_classes(found, board.compared))


def test_few_errors_are_classes_of_their_own() -> None:
    found = results(*rows_at(0.2, "a", [1.0, 1.0]), *rows_at(0.1, "a", [1.0]))
    assert of(found) == ((0.1, 0.1, 1), (0.2, 0.2, 2))


def test_many_errors_make_four_classes() -> None:
    found = results(*(r for n in range(12) for r in rows_at(n / 100, "a", [1.0])))
    assert [count for *_, count in of(found)] == [3, 3, 3, 3]


def test_without_errors_there_are_no_classes() -> None:
    assert of(results(row("t", "a", 0.1))) == ()


def test_means_and_change_by_hand() -> None:
    found = results(*rows_at(0.1, "a", [0.1, 0.3]), *rows_at(0.2, "a", [0.4, 0.8]))
    board = leaderboard(found)
    (effect,) = effects(found, board, error_classes(found, board.compared))
    first, last = effect.means
    assert first is not None
    assert last is not None
    assert effect.change is not None
    assert (first.mean, last.mean, effect.change.mean) == pytest.approx((0.2, 0.6, 0.4))
    assert (first.low, first.high) == pytest.approx((0.1, 0.3))  # two instances: the extremes are drawn often
    assert effect.change.low < 0.4 < effect.change.high


def test_the_same_instances_are_compared_in_pairs() -> None:
    gaps = list(np.random.default_rng(1).uniform(0, 1, 20))
    noisy = [g + 0.05 for g in gaps]
    found = results(*rows_at(0.1, "a", gaps, forecast="perfect"), *rows_at(0.3, "a", noisy, forecast="noisy"))
    board = leaderboard(found)
    classes = error_classes(found, board.compared)
    (effect,) = effects(found, board, classes)
    assert [c.forecast for c in classes] == ["perfect", "noisy"]
    assert effect.change is not None
    assert (effect.change.low, effect.change.high) == pytest.approx((0.05, 0.05))
    assert effect.means[0] is not None
    assert effect.means[0].high - effect.means[0].low > 0.1


def test_a_policy_that_one_forecaster_lacks_has_no_mean_there() -> None:
    both = [*rows_at(0.1, "a", [0.5, 0.7], forecast="perfect"), *rows_at(0.3, "a", [0.6, 0.6], forecast="noisy")]
    found = results(*both, *rows_at(0.1, "b", [0.1, 0.3], forecast="perfect"))
    board = leaderboard(found)
    by_name = {e.policy: e for e in effects(found, board, error_classes(found, board.compared))}
    assert [span.mean if span else None for span in by_name["b"].means] == [pytest.approx(0.2), None]
    assert by_name["b"].change is None
    assert by_name["a"].change is not None


def test_an_instance_that_one_forecaster_lacks_is_left_out_of_the_columns() -> None:
    found = results(
        *rows_at(0.1, "a", [0.5, 0.5, 9.0], forecast="perfect"), *rows_at(0.3, "a", [0.6, 0.6], forecast="noisy")
    )
    board = leaderboard(found)
    assert [len(c.tasks) for c in error_classes(found, board.compared)] == [2, 2]


def test_a_broken_rule_is_left_out_of_the_mean() -> None:
    clean = rows_at(0.1, "a", [0.2, 0.4])
    found = results(*clean, *(r for r in [broken("recorded-0.1-0", "b", "M1"), row("recorded-0.1-1", "b", 0.7)]))
    board = leaderboard(found)
    by_name = {e.policy: e for e in effects(found, board, error_classes(found, board.compared))}
    assert by_name["b"].means[0] is not None
    assert by_name["b"].means[0].mean == pytest.approx(0.7)
    assert by_name["b"].change is None


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    draw, hits, trials = np.random.default_rng(2), 0, 60
    for _ in range(trials):
        found = results(*rows_at(0.1, "a", list(draw.normal(1.0, 0.2, 30))))
        board = leaderboard(found)
        (effect,) = effects(found, board, error_classes(found, board.compared))
        assert effect.means[0] is not None
        hits += effect.means[0].low <= 1.0 <= effect.means[0].high
    assert hits >= 0.85 * trials
    assert RESAMPLES >= 1000
