"""What never changes with time, for policies that are built from it."""

import numpy as np

from planner.domain.instance import Instance


def without_series(instance: Instance) -> Instance:
    """The instance with nothing in it that happens at a time: no requests, servers or forecasts, intensities NaN."""
    return instance.replace(
        carbon_intensity_g_per_kwh=np.full_like(instance.carbon_intensity_g_per_kwh, np.nan),
        requests=np.zeros_like(instance.requests),
        servers=np.zeros_like(instance.servers),
        jobs=(),
        fleet_limit=None,
        price_usd_per_kwh=None,
        vintages=None,
        request_log=None,
        notes=(),
    )
