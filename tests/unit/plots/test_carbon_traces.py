from collections.abc import Callable

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.plots.carbon_traces import plot_carbon_traces

Maker = Callable[..., Instance]


def labels(ax) -> list[str]:  # type: ignore[no-untyped-def]
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_a_line_per_region_cleanest_first(study: Maker) -> None:
    ax = plot_carbon_traces(study())
    assert labels(ax) == ["EU-North", "US-West", "EU-West", "US-East", "Singapore"]
    assert all(len(step.get_data().values) == 168 for step in ax.patches)


def test_long_horizons_are_daily_means(study: Maker) -> None:
    instance = study(24 * 30)
    ax = plot_carbon_traces(instance)
    north = instance.carbon_intensity_g_per_kwh[[r.name for r in instance.regions].index("EU-North")]
    assert np.asarray(ax.patches[0].get_data().values) == pytest.approx(north.reshape(30, 24).mean(axis=1))
    assert "daily means" in ax.get_title(loc="left")


def test_beyond_six_regions_the_dirtiest_are_grey(many_regions: Maker) -> None:
    ax = plot_carbon_traces(many_regions(10))
    assert len(ax.patches) == 10
    assert labels(ax)[-1] == "4 others"
