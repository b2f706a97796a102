"""The certified lower bound: the Lagrangian of MODEL.md 6 at given multipliers, from the raw instance, rounded down."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import Floats, Instance
from planner.domain.results import Multipliers
from planner.verify.cuts import right_hand_sides
from planner.verify.demand import demand_bound
from planner.verify.prices import Prices, live_caps, live_cuts, live_fleet, priced
from planner.verify.programme import server_bound
from planner.verify.rounding import lowered_sum, lowered_total
from planner.verify.site import Site, survey
from planner.verify.sums import tally


def lower_bound(instance: Instance, multipliers: Multipliers) -> float:
    """No plan has a lower objective, whatever the multipliers are, if only they are finite and not negative.

    At most the exact Lagrangian. Infinite where some batch can be neither served nor missed; minus infinity where a
    multiplier lies on an unlimited pool. Multipliers of limits that the instance lacks count nothing.
    """
    site = survey(instance)
    prices = priced(site, multipliers)
    return lowered_total([*demand_bound(site, prices), server_bound(site, prices), *_limits(site, multipliers, prices)])


def _limits(site: Site, multipliers: Multipliers, prices: Prices) -> Iterator[Floats]:
    """What the relaxed limits give back: (M11), (M12), (M3b), and what the cuts demand (C1)."""
    requests = tally(site.batches.workload, site.batches.requests, len(site.instance.workloads))
    eps = np.array([w.slo_budget or 0.0 for w in site.instance.workloads], dtype=np.float64)
    yield lowered_sum((-prices.violation, eps, requests))
    for name, nu in live_caps(site, multipliers).items():
        yield lowered_sum((-nu, getattr(site.instance.caps, name) or 0.0))
    fleet, limit = live_fleet(site, multipliers), site.instance.fleet_limit
    if fleet is not None and limit is not None:
        yield lowered_sum((-fleet, limit))
    cuts = live_cuts(site, multipliers)
    for cut, servers in zip(cuts, right_hand_sides(site, cuts), strict=True):
        yield lowered_sum((cut.multiplier, float(servers)))
