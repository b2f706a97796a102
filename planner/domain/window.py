"""Windows of the backlog shape (MODEL.md 5): some consecutive periods, and the state that ties them to the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.domain.instance import Floats, Ints
from planner.domain.options import ServiceClass
from planner.errors import UsageError

ClassKey = tuple[int, tuple[int, ...]]  # workload and origins of a class of the whole instance


@dataclass(frozen=True, slots=True)
class WindowSize:
    """In periods: what a window keeps, how far its model looks ahead and behind, and how far to both sides of a cut
    the plan is improved once more (0: not at all)."""

    kept: int
    ahead: int
    behind: int
    seam: int

    def __post_init__(self) -> None:
        for name, least in (("kept", 1), ("ahead", 0), ("behind", 0), ("seam", 0)):
            if getattr(self, name) < least:
                raise UsageError(f"windows: {name} must be at least {least} periods, not {getattr(self, name)}")

    def __str__(self) -> str:
        looks = f"{self.ahead} ahead, {self.behind} behind"
        return f"windows of {self.kept} periods, {looks}, seams of {self.seam} each side"


@dataclass(frozen=True, slots=True)
class Window:
    """Periods first..end-1 are kept of a model of begin..stop-1."""

    begin: int
    first: int
    end: int
    stop: int


def windows(periods: int, size: WindowSize) -> tuple[Window, ...]:
    """Windows that keep every period once; a last one shorter than half of the others joins the one before it."""
    count = max(round(periods / size.kept), 1)
    ends = [*(size.kept * (i + 1) for i in range(count - 1)), periods]
    return tuple(
        Window(max(first - size.behind, 0), first, end, min(end + size.ahead, periods))
        for first, end in zip([0, *ends], ends, strict=False)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """A window's backlog at its ends, in requests: `waiting` (C,) before it, `left` (C,) after it, and `limit` (C,T),
    the most that may wait after each period. `next_servers` (P,) are active in the period that follows and starting one
    there costs `next_startup_price` (P,); None where no period follows or its servers are not known.
    """

    waiting: Floats
    left: Floats
    limit: Floats
    next_servers: Floats | None = None
    next_startup_price: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ClassFlows:
    """What leaves the classes, in requests: `served` (N,T), one row per class and each of its routes, in this order, of
    which `kind` (N,) is the class; `missed` (C,T); and the `servers` (P,T), None without provisioning."""

    kind: Ints
    served: Floats
    missed: Floats
    servers: Floats | None = None

    @property
    def leaving(self) -> Floats:
        """(C,T) requests that leave each class, served or missed."""
        out = self.missed.copy()
        np.add.at(out, self.kind, self.served)
        return out

    def part(self, periods: slice) -> "ClassFlows":
        """Some of the periods, copied."""
        servers = None if self.servers is None else self.servers[:, periods].copy()
        return ClassFlows(self.kind, self.served[:, periods].copy(), self.missed[:, periods].copy(), servers)

    @classmethod
    def joined(cls, parts: Sequence["ClassFlows"]) -> "ClassFlows":
        """Consecutive periods in one."""
        served, missed = (np.concatenate([getattr(p, n) for p in parts], axis=1) for n in ("served", "missed"))
        servers = [p.servers for p in parts if p.servers is not None]
        return cls(parts[0].kind, served, missed, np.concatenate(servers, axis=1) if servers else None)


def waiting_limit(demand: Floats, slack: int) -> Floats:
    """(T,) the most that may wait after each period: what the last `slack` periods released; nothing at the end."""
    total = np.concatenate([[0.0], np.cumsum(demand)])
    after = np.arange(1, len(demand) + 1)
    limit = total[after] - total[np.maximum(after - slack, 0)]
    limit[-1] = 0.0
    return np.asarray(limit)


def closed_ends(classes: tuple[ServiceClass, ...], slack: list[int]) -> Ends:
    """The ends of a whole instance: nothing waits before it or after it."""
    nothing = np.zeros(len(classes))
    limit = [waiting_limit(c.demand.astype(np.float64), s) for c, s in zip(classes, slack, strict=True)]
    return Ends(waiting=nothing, left=nothing, limit=np.array(limit).reshape(len(classes), -1))
