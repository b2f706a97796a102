import pytest

from planner.plots.gap_bars import plot_gap_bars

ROWS = [("greedy", 0.02), ("fixed", None), ("oracle", 0.0002), ("latency-first", 1.5)]


def test_bars_in_order_with_the_optimum_and_the_worst() -> None:
    ax = plot_gap_bars(ROWS, worst=2.5)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["oracle", "greedy", "latency-first", "fixed"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.02, 2.0, 150.0, 0.0])
    assert [line.get_xdata()[0] for line in ax.lines] == pytest.approx([0.0, 250.0])
    assert [t.get_text() for t in ax.texts] == ["worst", "0.02 %", "2 %", "150 %", "infeasible"]
    assert ax.get_xlim()[1] > 250


def test_gaps_of_one_magnitude_on_a_plain_axis() -> None:
    assert plot_gap_bars(ROWS[:1], worst=0.5).get_xscale() == "linear"
    assert plot_gap_bars(ROWS).get_xscale() == "linear"  # what is as good as optimal does not count
    assert plot_gap_bars([*ROWS, ("mpc", 0.005)]).get_xscale() == "symlog"


def test_an_optimal_table_still_has_an_axis() -> None:
    assert plot_gap_bars([("oracle", 0.0)]).get_xlim() == (0, 1.0)
