"""The cheapest option of this hour."""

from typing import ClassVar

import numpy as np

from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.fill import fill
from planner.policies.ranking import ranked


class Greedy:
    """Serve everything at once on the feasible option that adds least to the objective.

    Under provisioning a request also pays for the part of a server that it takes up, and for starting that part where
    the pool has no server on.
    Source: folklore; the cheapest-feasible-option rule that every study compares with.
    """

    regime: ClassVar[Regime] = "none"

    def decide(self, view: HourView) -> Decision:
        """Routes by price per request, servers included."""
        off = np.maximum(view.servers_before, view.servers_kept) == 0
        server = view.server_price + np.where(off, view.startup_price, 0.0)
        per_second = (server / view.server_capacity)[view.routes.pool]
        return fill(view, ranked(view, view.unit_price + view.routes.server_seconds * per_second))
