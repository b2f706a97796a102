"""The shipped instances that come from a generator, by name: each can be made again, bit for bit."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from planner.data.batch_jobs import SHIPPED, batch_jobs
from planner.data.edge import carbonedge_three_nodes
from planner.data.faas import protocol_week
from planner.data.five_region import five_region_week
from planner.data.five_region_tight import five_region_week_tight
from planner.domain.instance import Instance
from planner.errors import UsageError

GENERATORS: Mapping[str, Callable[[], Instance]] = MappingProxyType(
    {
        "seed/five-region-week": five_region_week,
        "seed/five-region-week-tight": five_region_week_tight,
        "faas/protocol-week": protocol_week,
        "edge/carbonedge-three-nodes": carbonedge_three_nodes,
        **{mix.name: partial(batch_jobs, mix, seed=seed) for mix, seed in SHIPPED},
    }
)


def regenerate(name: str) -> Instance:
    """A shipped instance from its generator. UsageError for a name without one."""
    if name not in GENERATORS:
        raise UsageError(f"no generator makes '{name}'; these have one: {', '.join(GENERATORS)}")
    return GENERATORS[name]()
