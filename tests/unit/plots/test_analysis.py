"""Figures of policies: what is drawn, where, and in what words."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes

from planner.domain.instance import Instance
from planner.metrics.profiles import profiles
from planner.plots.attribution import plot_attribution
from planner.plots.latency import plot_latency
from planner.plots.profiles import plot_profiles
from planner.plots.regret import plot_regret
from planner.plots.routing import plot_routing
from planner.plots.sweep import plot_sweep
from planner.plots.tradeoff import plot_tradeoff
from planner.plots.units import scaled_mass

Maker = Callable[..., Instance]


def labels(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_routing_is_stacked_to_the_whole() -> None:
    ax = plot_routing([("a", np.array([30.0, 10, 0])), ("b", np.array([0.0, 0, 5]))], ["x", "y", "z"])
    assert labels(ax) == ["x", "y", "z"]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([0.75, 0, 0.25, 0, 0, 1])
    assert [bar.get_x() for bar in ax.patches][2] == pytest.approx(0.75)
    assert [text.get_text() for text in ax.texts] == ["75", "25", "100"]


def test_routing_has_one_grey_beyond_seven_regions() -> None:
    ax = plot_routing([("a", np.arange(1.0, 10))], [f"r{i}" for i in range(9)])
    assert labels(ax) == [f"r{i}" for i in range(2, 9)] + ["2 others"]


def test_routing_of_nothing_served_is_an_empty_bar() -> None:
    assert [bar.get_width() for bar in plot_routing([("a", np.zeros(2))], ["x", "y"]).patches] == [0, 0]


def test_regret_runs_up_to_the_difference(study: Maker) -> None:
    instance = study(24)
    optimum = np.full(24, 1.0)
    ax = plot_regret(instance, [("near", optimum + 0.5), ("far", optimum * 3)], optimum)
    assert labels(ax) == ["far  +48", "near  +12"]
    assert np.asarray(ax.lines[0].get_ydata())[[0, 1, -1]].tolist() == [0, 2, 48]
    assert "kgCO" in ax.get_ylabel()


def test_tradeoff_has_front_and_policies() -> None:
    points = [(3.0, 1.0), (0.0, 4.0)]
    ax = plot_tradeoff(points, [("p", 3.0, 2.0)], other="cost (USD)", convex=True)
    assert labels(ax) == ["exact Pareto front", "p"]
    assert np.asarray(ax.lines[0].get_xdata()).tolist() == [0, 3]
    assert ax.lines[0].get_drawstyle() == "default"
    assert ax.get_xlabel() == "cost (USD)"
    stairs = plot_tradeoff(points, [], other="x", convex=False)
    assert stairs.lines[0].get_drawstyle() == "steps-post"


def test_attribution_stacks_causes_and_puts_a_loss_left_of_zero() -> None:
    parts = {"forecast": -0.1, "provisioning": 0.0, "waiting": 0.3, "space": 0.2, "proof": 0.0}
    told = {"forecast": None, "provisioning": 0.0, "waiting": 0.1, "space": 0.0, "proof": 0.0}
    ax = plot_attribution([("p", parts), ("q", told)])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["q", "p"]
    bars = {container.get_label(): container.patches for container in ax.containers}
    assert [(b.get_x(), b.get_width()) for b in bars["forecast error"]] == [(0, 0), pytest.approx((0, -10))]
    assert [(b.get_x(), b.get_width()) for b in bars["space"]] == [pytest.approx((10, 0)), pytest.approx((30, 20))]
    assert [t.get_text() for t in ax.texts] == ["10 %", "40 %"]
    (gaps,) = (line for line in ax.lines if line.get_label() == "gap")
    assert list(np.asarray(gaps.get_xdata())) == pytest.approx([10, 40])
    assert ax.get_xlim()[1] > 55  # the longest bar leaves room for its figure
    assert plot_attribution([("q", told)]).get_xlim()[0] == 0


def test_latency_is_the_share_that_is_slower() -> None:
    ax = plot_latency([("p", np.arange(1.0, 101))], slo_ms=[("web", 95.0)])
    at, slower = (np.asarray(x) for x in ax.lines[0].get_data())
    assert np.interp(95.0, at, slower) == pytest.approx(0.05, abs=1e-9)
    (above,) = ax.child_axes
    assert [label.get_text() for label in above.get_xticklabels()] == ["SLO web"]
    assert above.get_xticks().tolist() == [95]
    many = plot_latency([("p", np.arange(1e5))])
    assert len(np.asarray(many.lines[0].get_xdata())) <= 2000


def test_sweep_draws_the_optimum_black_and_gaps_below() -> None:
    values = np.array([0.0, 0.5, 1])
    rows = [
        ("optimum", np.array([3.0, 2, 1]), np.zeros(3)),
        ("p", np.array([3.0, np.nan, 2]), np.array([0.0, np.nan, 1])),
    ]
    upper, lower = plot_sweep("slack", values, rows).child_axes
    assert upper.lines[0].get_color() == "black"
    assert len(lower.lines) == 1
    assert np.asarray(lower.lines[0].get_ydata())[[0, 2]].tolist() == [0, 100]
    assert lower.get_xlabel() == "slack"


def test_profiles_step_up_by_instance() -> None:
    ax = plot_profiles(profiles([("a", "p", 0.1), ("b", "p", 1.0), ("a", "q", 0.0), ("b", "q", None)]))
    assert labels(ax) == ["q", "p"]
    assert np.asarray(ax.lines[1].get_ydata()).tolist() == [0, 0.5, 1, 1]
    assert np.asarray(ax.lines[0].get_ydata()).tolist() == [0, 0.5, 0.5]
    assert ax.get_ylabel() == "share of the 2 instances"


@pytest.mark.parametrize(("kg", "unit"), [(2e3, "t"), (2.0, "kg"), (0.02, "g"), (2e-6, "mg"), (0.0, "mg")])
def test_masses_have_a_readable_unit(kg: float, unit: str) -> None:
    factor, name = scaled_mass(kg)
    assert name.startswith(f"{unit}CO")
    assert kg * factor < 1e3
