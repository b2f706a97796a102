"""Small instances where capacity binds."""

import pytest

from planner.data.five_region_tight import five_region_week_tight
from planner.data.grid import GridSize, grid
from planner.data.slicing import slice_periods
from planner.domain.instance import Instance


@pytest.fixture(scope="session")
def tight_day() -> Instance:
    """A day of five regions with start-ups and whole servers."""
    return slice_periods(five_region_week_tight(), 0, 24)


@pytest.fixture(scope="session")
def busy_days() -> Instance:
    """Four days of six regions whose fixed fleet is often full, with work that may wait a day."""
    return grid(GridSize(regions=6, origins=5, hours=96, workloads=6, capacity=1.2), seed=1)
