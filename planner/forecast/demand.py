"""Request counts as a series that any forecaster can predict."""

import numpy as np

from planner.domain.instance import Floats, Instance


def request_series(instance: Instance) -> Floats:
    """(W*O, T) requests by workload and origin, the origins of a workload one after another."""
    return np.asarray(instance.requests.reshape(-1, instance.periods), dtype=np.float64)


def demand_as_series(instance: Instance) -> Instance:
    """The instance with its requests where a forecaster looks for the truth; no vintage of them is recorded."""
    return instance.replace(carbon_intensity_g_per_kwh=request_series(instance), vintages=None)
