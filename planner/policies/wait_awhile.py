"""Wait for the cleanest hours before the deadline."""

from typing import ClassVar

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.deadlines import periods_left
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.starts import Starts, route_kwh


class WaitAwhile:
    """Interruptible work runs in the cleanest forecast hours before its deadline, other work in the cleanest window.

    Decided anew every hour on the newest forecast, on the cleanest route. Where that is full, the next route is taken
    only if it is as clean as the hour that the batch would otherwise wait for.
    Source: Wiesner et al., Let's Wait Awhile, Middleware 2021 (doi:10.1145/3464298.3493399).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance) -> None:
        self._kwh, self._pressure = route_kwh(instance), Pressure(instance)

    def decide(self, view: HourView) -> Decision:
        """Serve what finds no better hour before its deadline."""
        starts = cleanest_hours(view, self._kwh)
        limit = np.where(self._pressure.rows(view), np.inf, worst_needed(view, starts))
        return fill(view, starts.now, kind=starts.kind, limit=limit)


def cleanest_hours(view: HourView, kwh: Floats) -> Starts:
    """Starts of batches as wholes, of interruptible jobs part by part."""
    length = np.where(view.waiting.contiguous, view.waiting.length, 1)
    return Starts(view, kwh, length, view.waiting.deadline - length + 1)


def worst_needed(view: HourView, starts: Starts) -> Floats:
    """(n,) the least clean of the later hours that each batch would need if this one were left out, in g a request."""
    waiting = view.waiting
    needed: Ints = np.where(waiting.contiguous, 1, periods_left(waiting))
    _, later = starts.later()
    ranked = np.pad(np.sort(later, axis=1), ((0, 0), (0, int(needed.max(initial=1)))), constant_values=np.inf)
    return np.asarray(ranked[np.arange(len(needed)), needed - 1])
