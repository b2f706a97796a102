"""Everything where the grid is cleanest now."""

from typing import ClassVar

from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.fill import fill
from planner.policies.ranking import now, ranked


class LowestCarbon:
    """Serve everything at once in the feasible region of lowest carbon intensity of the hour, then in the next lowest.

    Source: scenario B of the evaluation protocol for serverless load shifting.
    """

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        """Regions by their carbon intensity now."""
        return fill(view, ranked(view, now(view)))
