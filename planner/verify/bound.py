"""The certified lower bound: the Lagrangian of MODEL.md 6 at given multipliers, from the raw instance, rounded down."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.results import Multipliers
from planner.verify.cuts import right_hand_sides
from planner.verify.demand import demand_bound
from planner.verify.knapsacks import knapsacks
from planner.verify.prices import live_caps, live_cuts, live_fleet, live_slo, priced
from planner.verify.programme import ServerProgramme
from planner.verify.rounding import lowered_sum, lowered_total
from planner.verify.site import Site, survey
from planner.verify.stretches import CELLS, stretches
from planner.verify.sums import tally


def lower_bound(instance: Instance, multipliers: Multipliers, *, cells: int = CELLS) -> float:
    """No plan has a lower objective, whatever the multipliers are, if only they are finite and not negative.

    Those of batches have any sign. At most the exact Lagrangian. Infinite where some batch that has no price of its own
    can be neither served nor missed; minus infinity where a multiplier lies on an unlimited pool. Multipliers of limits
    that the instance lacks count nothing. `cells` bounds the tables in memory (routes x periods), never the result.
    """
    return lowered_total(_parts(survey(instance), multipliers, cells))


def _parts(site: Site, multipliers: Multipliers, cells: int) -> Iterator[Floats]:
    servers = ServerProgramme(site)
    apart = site.whole & (multipliers.batches is not None)
    for stretch in stretches(site, cells):
        prices = priced(site, multipliers, stretch)
        yield from demand_bound(site, prices, apart)
        yield servers.advance(prices)
    yield servers.trajectories()
    yield from _limits(site, multipliers)
    yield from knapsacks(site, multipliers)


def _limits(site: Site, multipliers: Multipliers) -> Iterator[Floats]:
    """What the relaxed limits give back: (M11), (M12), (M3b), and what the cuts demand (C1)."""
    counted = site.instance.requests.sum(axis=(1, 2))
    requests = counted + tally(site.jobs.workload, site.jobs.requests, len(counted))
    eps = np.array([w.slo_budget or 0.0 for w in site.instance.workloads], dtype=np.float64)
    yield lowered_sum((-live_slo(site, multipliers), eps, requests))
    for name, nu in live_caps(site, multipliers).items():
        yield lowered_sum((-nu, getattr(site.instance.caps, name) or 0.0))
    fleet, limit = live_fleet(site, multipliers), site.instance.fleet_limit
    if fleet is not None and limit is not None:
        yield lowered_sum((-fleet, limit))
    cuts = live_cuts(site, multipliers)
    for cut, servers in zip(cuts, right_hand_sides(site, cuts), strict=True):
        yield lowered_sum((cut.multiplier, float(servers)))
