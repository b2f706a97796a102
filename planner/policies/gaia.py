"""Pick the hour in which a job starts, by its carbon or by carbon and time."""

from typing import ClassVar, Literal, get_args

import numpy as np

from planner.domain.instance import Floats, Instance, Ints
from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.deadlines import periods_left
from planner.policies.fill import fill
from planner.policies.pressure import Pressure
from planner.policies.starts import Starts, route_kwh

Rule = Literal["lowest-slot", "lowest-window", "carbon-time"]


class Gaia:
    """Start a job in the hour that its carbon, or its carbon and time, make best.

    That is the cleanest hour (lowest-slot), the hour of the cleanest window as long as the job (lowest-window), or the
    one that saves most carbon, against starting at release, per hour from release to completion (carbon-time).
    Decided anew every hour on the newest forecast, on the cleanest route; once begun, a job runs on. Where the route is
    full, the next one is taken only if that is as good, by the same rule, as the hour waited for.
    Source: Hanafy et al., Going Green for Less Green (GAIA), ASPLOS 2024 (doi:10.1145/3620666.3651374).
    """

    regime: ClassVar[Regime] = "forecast"

    def __init__(self, instance: Instance, rule: Rule = "lowest-window") -> None:
        if rule not in get_args(Rule):
            raise ValueError(f"rule={rule}: one of {', '.join(get_args(Rule))} is expected")
        self._rule, self._kwh, self._pressure = rule, route_kwh(instance), Pressure(instance)

    def decide(self, view: HourView) -> Decision:
        """Serve what finds no better start before its deadline."""
        length = periods_left(view.waiting)
        seen = np.ones_like(length) if self._rule == "lowest-slot" else length
        last = view.waiting.deadline - length + 1
        starts = Starts(view, self._kwh, seen, last, past=self._rule == "carbon-time")
        limit = _by_time(view, starts, length) if self._rule == "carbon-time" else _lowest(starts.later()[1])
        begun = ~view.waiting.contiguous & (view.waiting.left < 1)
        limit = np.where(begun | self._pressure.rows(view), np.inf, limit)
        return fill(view, starts.now, kind=starts.kind, limit=limit)


def _lowest(later: Floats) -> Floats:
    return np.asarray(later.min(axis=1, initial=np.inf))


def _by_time(view: HourView, starts: Starts, length: Ints) -> Floats:
    """(n,) the grams at which starting now saves as much a period as the best later start; if none saves, the least."""
    waited = view.period + length - view.waiting.release
    at_release = np.nan_to_num(starts.cleanest(view.waiting.release), posinf=0.0)  # infinite: it cannot run at all
    start, later = starts.later()
    best = ((at_release[:, None] - later) / (waited[:, None] + start - view.period)).max(axis=1, initial=-np.inf)
    return np.where(best > 0, at_release - best * waited, _lowest(later))
