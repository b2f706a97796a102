import numpy as np
import pytest

from planner.plots.weight_sweep import plot_weight_sweep

VALUES = np.array([0.0, 0.5, 1.0])
ROWS = [("as printed", np.array([160.0, 160.0, 240.0])), ("normalised", np.array([180.0, np.nan, 240.0]))]


def test_a_line_per_policy_under_the_optimum() -> None:
    ax = plot_weight_sweep("w_carbon", VALUES, ROWS, optimum=245.8)
    for line, (_, reached) in zip(ax.lines, ROWS, strict=False):
        assert np.asarray(line.get_xdata()) == pytest.approx(VALUES)
        assert np.asarray(line.get_ydata()) == pytest.approx(reached, nan_ok=True)
    assert np.asarray(ax.lines[2].get_ydata()) == pytest.approx([245.8, 245.8])
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["as printed", "normalised", "optimum"]
    assert ax.get_xlabel() == "w_carbon"
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 245.8


def test_plans_that_all_break_rules_leave_an_empty_axis() -> None:
    assert plot_weight_sweep("w", VALUES, [("a", np.full(3, np.nan))]).get_ylim() == (0, 1)
