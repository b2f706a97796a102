"""Everything in one region."""

from typing import ClassVar

from planner.domain.instance import Instance
from planner.domain.protocols import Decision, HourView, Regime
from planner.errors import UsageError
from planner.policies.fill import fill
from planner.policies.ranking import ranked
from planner.registry import did_you_mean


class Fixed:
    """Serve everything at once in one region; what may not run or has no room there goes to the first region that can.

    Source: scenario A of the evaluation protocol for serverless load shifting.
    """

    regime: ClassVar[Regime] = "none"

    def __init__(self, region: str, instance: Instance) -> None:
        names = [r.name for r in instance.regions]
        if region not in names:
            raise UsageError(f"fixed: no region {region!r}: {did_you_mean(region, names)}")
        self._home = names.index(region)

    def decide(self, view: HourView) -> Decision:
        """Home first, then regions in instance order."""
        return fill(view, ranked(view, view.routes.region != self._home))
