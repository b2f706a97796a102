from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.dates import date2num
from matplotlib.figure import Figure

from planner.domain.instance import HourMapRule, Instance
from planner.domain.plan import HourMap
from planner.maps.scenario_b import lowest_carbon_map
from planner.plots.canvas import figure_of
from planner.plots.hour_map import plot_hour_map
from planner.plots.palette import OTHER, REGIONS, region_colours

Maker = Callable[..., Instance]


def alternating(instance: Instance, period: int) -> HourMap:
    """Every region in turn, `period` periods each."""
    return HourMap(region=(np.arange(instance.periods) // period % len(instance.regions))[None])


def legend_of(ax: Axes) -> list[str]:
    legend = ax.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_a_week_shows_every_region_with_the_cleanest_on_top(study: Maker) -> None:
    instance = study()
    ax = plot_hour_map(instance, lowest_carbon_map(instance))
    names = [tick.get_text() for tick in ax.get_yticklabels()]
    means = {r.name: row.mean() for r, row in zip(instance.regions, instance.carbon_intensity_g_per_kwh, strict=True)}
    assert names == sorted(means, key=lambda name: means[name])
    shown = np.asarray(ax.images[0].get_array())
    assert shown[0] == pytest.approx(
        instance.carbon_intensity_g_per_kwh[[r.name for r in instance.regions].index("EU-North")]
    )
    assert "EU-North" in ax.get_title(loc="left")


def test_chosen_cells_are_marked_where_and_when_they_are(study: Maker) -> None:
    instance = study(24)
    ax = plot_hour_map(instance, alternating(instance, 12))
    (bars,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    row = np.argsort(np.argsort(instance.carbon_intensity_g_per_kwh.mean(axis=1)))
    begin = float(date2num(instance.start))
    expected = [[(begin, row[0]), (begin + 0.5, row[0])], [(begin + 0.5, row[1]), (begin + 1, row[1])]]
    assert np.array(bars.get_segments()) == pytest.approx(np.array(expected))


def test_closed_cells_are_grey_and_explained(study: Maker) -> None:
    instance = study(24)
    found = lowest_carbon_map(instance)
    assert legend_of(plot_hour_map(instance, found)) == ["chosen region"]
    servers = instance.servers.copy()
    servers[0, 3] = 0
    ax = plot_hour_map(instance.replace(servers=servers), found)
    assert legend_of(ax) == ["chosen region", "cannot serve every request"]
    assert np.ma.count(np.ma.asarray(ax.images[1].get_array())) == 1


def test_beyond_three_weeks_days_stand_beside_hours(study: Maker) -> None:
    instance = study(24 * 40)
    ax = plot_hour_map(instance, alternating(instance, 24 * 8))
    calendar, daily = ax.child_axes
    cells = np.asarray(calendar.images[0].get_array())
    assert cells.shape == (24, 40)
    assert [int(rank) for rank in cells[0, ::8]] == [int(rank) for rank in cells[23, 7::8]]
    assert len(set(cells[0])) == 5
    assert legend_of(calendar) == [f"{r.name}  20.0%, 192 h" for r in instance.regions]
    assert legend_of(daily) == ["always EU-North", "this map"]


def test_a_horizon_that_starts_within_a_day_leaves_the_rest_blank(study: Maker) -> None:
    from datetime import timedelta

    instance = study(24 * 30)
    later = instance.replace(start=instance.start + timedelta(hours=7))
    cells = np.asarray(plot_hour_map(later, lowest_carbon_map(later)).child_axes[0].images[0].get_array(), dtype=float)
    assert cells.shape == (24, 31)
    assert np.isnan(np.ma.filled(np.ma.asarray(cells), np.nan)).sum() == 24


@pytest.mark.parametrize(("hours", "per_map"), [(24, 1), (24 * 22, 2)])
def test_each_workload_has_a_panel(study: Maker, hours: int, per_map: int) -> None:
    instance = study(hours)
    ax = plot_hour_map(instance, lowest_carbon_map(instance, HourMapRule(per_workload=True)))
    assert len(ax.child_axes) == 3 * per_map
    titles = [panel.get_title(loc="left") for panel in ax.child_axes[::per_map]]
    assert all(work.name in title for work, title in zip(instance.workloads, titles, strict=True))


def test_drawn_into_given_axes(study: Maker) -> None:
    figure = Figure()
    ax = figure.add_subplot()
    assert plot_hour_map(study(24), lowest_carbon_map(study(24)), ax) is ax
    assert figure_of(ax) is figure


def test_beyond_seven_regions_the_least_used_share_a_grey(many_regions: Maker) -> None:
    instance = many_regions(12, 24 * 24)
    found = alternating(instance, 1)
    colours = region_colours(found)
    assert list(colours.values()) == [*REGIONS, *[OTHER] * 5]
    assert legend_of(plot_hour_map(instance, found).child_axes[0])[-1].startswith("5 others")
