"""(M2): the load of a pool in a period fits its servers."""

from collections.abc import Iterator

import numpy as np

from planner.domain.plan import Plan
from planner.domain.results import FEASIBILITY, Violation
from planner.verify.ledger import Ledger
from planner.verify.site import Site
from planner.verify.words import listed, pool_hour


def capacity(site: Site, plan: Plan, ledger: Ledger) -> Iterator[Violation]:
    """Server-seconds against the active servers, or all available ones without provisioning."""
    servers = site.instance.servers if plan.servers is None else plan.servers
    offered = site.seconds_per_server[:, None] * servers
    excess = ledger.load - offered
    periods = site.instance.periods

    def describe(i: int) -> tuple[str, str, float]:
        p, t = divmod(i, periods)
        message = f"{ledger.load[p, t]:.9g} server-seconds of load, {offered[p, t]:.9g} offered"
        return pool_hour(site.instance, p, t), message, float(excess[p, t])

    over = excess > FEASIBILITY * np.maximum(1.0, np.abs(offered))
    return listed("M2", np.flatnonzero(over), describe)
