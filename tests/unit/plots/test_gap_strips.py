"""Strips of gaps: what stands where."""

import numpy as np
import pytest

from planner.plots.gap_strips import LEAST, Strip, plot_gap_strips

ONE = Strip("one", np.array([0.0, 0.02, 0.04, 0.06, 0.08]), 0.04)
BROKEN = Strip("broken", np.array([0.5]), None)


def test_every_gap_has_a_stroke_and_the_median_is_said() -> None:
    ax = plot_gap_strips([ONE, BROKEN])
    strokes = [segment[0][0] for segment in ax.collections[0].get_segments()]
    assert strokes == pytest.approx([100 * LEAST, 2, 4, 6, 8])
    assert [text.get_text() for text in ax.texts] == ["4 %", "a rule broken", "median"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "broken"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top


def test_the_box_reaches_from_quartile_to_quartile() -> None:
    box = plot_gap_strips([ONE]).patches[0]
    assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx((2, 6))


def test_nothing_to_draw_is_drawn() -> None:
    assert not plot_gap_strips([]).patches
    assert not plot_gap_strips([Strip("none", np.zeros(0), None)]).patches
