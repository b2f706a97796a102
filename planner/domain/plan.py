"""What a planner decides: shares of batches, servers and, under (M10), the hour map."""

from dataclasses import dataclass, replace
from typing import Any

from planner.domain.instance import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A plan for one instance; `batch` indexes `Instance.batches()`.

    Served, as columns of one length: batch, pool, variant (index within the workload), period (the start, for a
    contiguous job) and share of the batch. `missed_batch`, `missed_share`: what is not served at all.
    `servers` and `started` (P,T) are active servers y and started servers u, None without provisioning.
    `hour_map` (1,T), or (W,T) per workload, is the region index of (M10), None without it.
    """

    batch: Ints
    pool: Ints
    variant: Ints
    period: Ints
    share: Floats
    missed_batch: Ints
    missed_share: Floats
    servers: Floats | None = None
    started: Floats | None = None
    hour_map: Ints | None = None

    def replace(self, **changes: Any) -> "Plan":
        """The same plan with some fields changed."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True, eq=False)
class HourMap:
    """hour -> region: `region[m, t]` is a region index; m is 0, or the workload where each has a map of its own."""

    region: Ints
    per_workload: bool = False

    @property
    def switches(self) -> int:
        """Changes of region, over all maps."""
        return int((self.region[:, 1:] != self.region[:, :-1]).sum())
