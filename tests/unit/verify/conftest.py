"""A small instance that most tests here change."""

from datetime import UTC, datetime

import numpy as np
import pytest

from planner.domain.instance import CarbonKind, Instance, Pool, Profile, Region, Variant, Workload


@pytest.fixture
def instance() -> Instance:
    """Two regions, a pool in each, one workload from two origins in three hours, and servers without limit."""
    variant = Variant("m", {"gpu": Profile(20.0, 4.0, 1.0, 3600.0)})
    return Instance(
        name="small",
        start=datetime(2026, 1, 1, tzinfo=UTC),
        step_minutes=60,
        regions=(Region("a", "DE", 1.5), Region("b", "SE", 1.0)),
        pools=(Pool("a-gpu", "a", "gpu", idle_w=100.0, startup_wh=50.0), Pool("b-gpu", "b", "gpu")),
        origins=("bonn", "lund"),
        workloads=(Workload("web", (variant,), 80.0, "hard", 0.05, slack_periods=1),),
        carbon_intensity_g_per_kwh=np.array([[300.0, 200, 400], [40, 50, 60]]),
        carbon_kind=CarbonKind(),
        rtt_ms=np.array([[5.0, 40], [40, 5]]),
        requests=np.full((1, 2, 3), 1000),
        servers=np.full((2, 3), np.inf),
        jitter_sd_ms=3.0,
    )
