"""Follow a given hour map."""

from typing import ClassVar

from planner.domain.instance import Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.io.maps import load_map
from planner.policies.fill import fill
from planner.policies.ranking import ranked


class FollowMap:
    """Serve everything at once in the hour's region of a map file; what has no room there goes to the first that can.

    It knows no more than the map. A map made from what truly happened makes this as clairvoyant as its maker was.
    Source: scenario B of the evaluation protocol for serverless load shifting.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(self, file: str, instance: Instance) -> None:
        self._region = load_map(file, instance).region

    def decide(self, view: HourView) -> Decision:
        """The map's region first, then regions in instance order."""
        region = self._region[:, view.period]
        wanted = region[view.routes.workload] if len(region) > 1 else region[0]
        return fill(view, ranked(view, view.routes.region != wanted))
