"""Instances without coupling between hours: pools without limit, one workload, one request an hour, PUE 1."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from planner.domain.instance import CarbonKind, Floats, Instance, Pool, Profile, Region, Variant, Workload

Maker = Callable[..., Instance]
MODEL = (Variant("model", {"server": Profile(10.0, 0.0, 0.01, 3.6e6)}),)  # one kWh a request


@pytest.fixture
def uncoupled() -> Maker:
    """Make an instance from carbon intensities (R,T); keywords replace its fields."""

    def make(carbon: Floats, **changes: object) -> Instance:
        carbon = np.asarray(carbon, dtype=np.float64)
        names = [f"r{i}" for i in range(len(carbon))]
        instance = Instance(
            name="uncoupled",
            start=datetime(2026, 1, 1, tzinfo=UTC),
            step_minutes=60,
            regions=tuple(Region(name, name) for name in names),
            pools=tuple(Pool(name, name, "server") for name in names),
            origins=("users",),
            workloads=(Workload("only", MODEL),),
            carbon_intensity_g_per_kwh=carbon,
            carbon_kind=CarbonKind(),
            rtt_ms=np.zeros((1, len(carbon))),
            requests=np.ones((1, 1, carbon.shape[1]), dtype=np.int64),
            servers=np.full(carbon.shape, np.inf),
        )
        return instance.replace(**changes)

    return make
