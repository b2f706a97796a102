"""One window of an instance as a problem of its own: small enough to be sent, solved without the rest."""

from dataclasses import dataclass, replace

import numpy as np

from planner.data.slicing import slice_periods
from planner.domain.instance import Floats, Instance
from planner.domain.options import Options, ServiceClass
from planner.domain.window import ClassKey, Ends, Window, closed_ends


@dataclass(frozen=True, slots=True)
class Effort:
    """How a window's whole servers are looked for: relative `gap` and `seed`; linear programmes are solved exactly."""

    gap: float = 1e-4
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class WindowProblem:
    """`instance` holds the periods begin..stop-1 of `window`, `classes` are those of the whole."""

    instance: Instance
    window: Window
    classes: tuple[ClassKey, ...]
    ends: Ends
    effort: Effort


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """A cut as one of its sides sees it: requests `waiting` (C,) and `servers` (P,) of the period beyond the cut.

    `servers` is None without provisioning.
    """

    waiting: Floats
    servers: Floats | None


@dataclass(frozen=True, slots=True, eq=False)
class Divisible:
    """An instance ready to be cut; every batch belongs to one of its classes."""

    instance: Instance
    classes: tuple[ServiceClass, ...]
    ends: Ends
    startup_price: Floats
    effort: Effort

    @classmethod
    def of(cls, table: Options, effort: Effort) -> "Divisible":
        """From the options of the whole."""
        instance, classes = table.instance, tuple(table.classes())
        slack = [instance.workloads[c.workload].slack_periods for c in classes]
        bare = instance.replace(vintages=None, request_log=None, notes=())
        return cls(bare, classes, closed_ends(classes, slack), table.startup.price, effort)

    def problem(self, window: Window, *, before: State | None = None, after: State | None = None) -> WindowProblem:
        """The window between two given states.

        Without `before` nothing waits and every server runs already, but for the start of the instance, which is as
        it is; without `after` everything released in the window is served in it.
        """
        part = slice_periods(self.instance, window.begin, window.stop - window.begin)
        nothing = np.zeros(len(self.classes))
        ends = Ends(
            waiting=nothing if before is None else before.waiting,
            left=nothing if after is None else after.waiting,
            limit=self.ends.limit[:, window.begin : window.stop],
            next_servers=None if after is None else after.servers,
            next_startup_price=None if after is None or after.servers is None else self.startup_price[:, window.stop],
        )
        keys = tuple((c.workload, c.origins) for c in self.classes)
        return WindowProblem(self._started(part, window, before), window, keys, ends, self.effort)

    def _started(self, part: Instance, window: Window, before: State | None) -> Instance:
        if window.begin == 0 or not part.provisioning:
            return part
        running = part.servers[:, 0] if before is None or before.servers is None else before.servers
        pools = zip(part.pools, running.tolist(), strict=True)
        return part.replace(pools=tuple(replace(p, initial_servers=round(n)) for p, n in pools))
