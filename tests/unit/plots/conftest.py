"""Real pictures are of real instances: the study, and what its generator makes of other horizons."""

from collections.abc import Callable

import pytest

from planner.data.five_region import five_region_week
from planner.data.grid import GridSize, grid
from planner.domain.instance import Instance


@pytest.fixture
def study() -> Callable[..., Instance]:
    """The five-region study of a number of hours."""
    return lambda hours=168: five_region_week(hours=hours, requests_per_hour=20)


@pytest.fixture
def many_regions() -> Callable[..., Instance]:
    """A synthetic grid, uncapacitated."""
    return lambda regions, hours=48: grid(GridSize(regions=regions, origins=2, hours=hours, workloads=1, capacity=9.0))
