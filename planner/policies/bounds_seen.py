"""Between which carbon intensities a policy without forecasts expects the future."""

from planner.domain.instance import Bools, Floats
from planner.domain.protocols import HourView
from planner.policies.reach import highest, lowest

HOURS = 14 * 24


def bounds_seen(view: HourView, reach: Bools) -> tuple[Floats, Floats]:
    """(W,O) L and U: least and most carbon intensity of the reachable regions in the last 14 days observed, g/kWh."""
    seen = view.carbon_intensity[:, -max(1, round(HOURS / view.step_hours)) :]
    return lowest(reach, seen.min(axis=1)), highest(reach, seen.max(axis=1))
