import numpy as np
import pytest

from planner.plots.delays import plot_delays
from planner.plots.function_times import plot_function_times
from planner.plots.greenup import plot_greenup
from planner.plots.places import plot_places


def test_a_bar_of_greenup_is_as_long_as_it_says() -> None:
    ax = plot_greenup([("B", 1.2, 1.1, (1.0, 1.3)), ("C", 1.4, 1.5, None)], bound=1.6, base="A")
    assert [bar.get_width() for bar in ax.patches] == [1.2, 1.4]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["B", "C"]
    upright = [line.get_xdata()[0] for line in ax.lines if list(line.get_ydata()) == [0, 1]]
    assert upright == [1.0, 1.6]
    low, high = ax.collections[0].get_segments()[0][:, 0]
    assert (low, high) == (1.0, 1.3)


def test_points_of_latency_are_mean_and_percentile() -> None:
    ax = plot_function_times([("A", {"one": (10.0, 20.0), "two": (5.0, 4.0)}), ("B", {"two": (7.0, 9.0)})])
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.lines}
    assert drawn == {"A: mean": [10.0, 5.0], "A: p95": [20.0, 4.0], "B: mean": [7.0], "B: p95": [9.0]}
    assert [label.get_text() for label in ax.get_xticklabels()] == ["one", "two"]


def test_delays_are_cumulative_shares_in_hours() -> None:
    ax = plot_delays([("C", np.array([0.0, 3600.0, 7200.0, 7200.0]))])
    x, y = ax.lines[0].get_data()
    assert y[np.searchsorted(x, 1.0, side="right") - 1] == pytest.approx(0.5)
    assert (x.max(), y.max()) == (2.0, 1.0)


def test_shares_of_regions_fill_a_bar() -> None:
    ax = plot_places([("A", {"here": 4}), ("B", {"here": 1, "there": 3})])
    widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
    assert widths == [[1.0, 0.25], [0.0, 0.75]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["here", "there"]
