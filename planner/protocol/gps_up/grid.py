"""The carbon intensity that E* is charged with, by region and hour of execution."""

from datetime import datetime, timedelta

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.errors import InvalidInput, UsageError

HOUR = timedelta(hours=1)


class Grid:
    """CI of the regions of an instance, g/kWh. UsageError: its periods are no hours."""

    def __init__(self, instance: Instance) -> None:
        if instance.step_minutes != 60:
            raise UsageError(f"E* is charged by the hour; --carbon has periods of {instance.step_minutes} minutes")
        self.instance = instance
        self._region = {region.name: i for i, region in enumerate(instance.regions)}

    def region(self, name: str) -> int:
        """Its index. InvalidInput: the instance has no such region."""
        if name not in self._region:
            raise InvalidInput("region", repr(name), f"one of {', '.join(self._region)}", self.instance.name)
        return self._region[name]

    def hour(self, moment: datetime) -> int:
        """Hours since the start of the series; it may lie outside."""
        return (moment - self.instance.start) // HOUR

    def covers(self, hour: int) -> bool:
        """Whether the series has the hour."""
        return 0 <= hour < self.instance.periods

    def intensity(self, region: Ints, hour: Ints) -> Floats:
        """(n,) CI; that of the nearest hour where an execution lies outside the series."""
        known: Floats = self.instance.carbon_intensity_g_per_kwh[region, np.clip(hour, 0, self.instance.periods - 1)]
        return known
