"""The objective (MODEL.md 4) once more in rational numbers, row by row: for small instances."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from planner.domain.instance import Instance
from planner.domain.plan import Plan
from planner.verify.exact_units import ZERO, Take, Units
from planner.verify.served import read, spread
from planner.verify.site import Site, survey

MOST_OPTIONS = 200_000  # beyond, fractions take minutes


def count_options(instance: Instance) -> int:
    """Options of the time-indexed problem: routes of every batch times the periods it may run in."""
    site = survey(instance)
    b, routes = site.batches, site.legal.sum(axis=(1, 2))
    latest = np.minimum(b.deadline + instance.grace_periods, instance.periods - 1)
    return int((routes[b.workload, b.origin] * (latest - b.release + 1)).sum())


def exact_objective(instance: Instance, plan: Plan) -> Fraction:
    """The objective of a plan that the judge accepts; only violation probabilities are floats."""
    site = survey(instance)
    units = Units(site)
    takes = (*_served(site, units, plan), *_missed(site, units, plan), *_standing(units, plan))
    return sum(map(units.price, takes), ZERO)


def _served(site: Site, units: Units, plan: Plan) -> Iterator[Take]:
    rows = read(site, plan)
    steps = spread(site, rows)
    for i, period in zip(steps.row.tolist(), steps.period.tolist(), strict=True):
        route = units.route(*(int(column[i]) for column in (rows.workload, rows.origin, rows.pool, rows.variant)))
        requests = Fraction(float(rows.share[i])) * int(site.batches.requests[rows.batch[i]])
        yield units.request(route, period, int(rows.late[i])) * (requests / int(rows.span[i]))


def _missed(site: Site, units: Units, plan: Plan) -> Iterator[Take]:
    for b, share in zip(plan.missed_batch.tolist(), plan.missed_share.tolist(), strict=True):
        yield units.miss() * (Fraction(share) * int(site.batches.requests[b]))


def _standing(units: Units, plan: Plan) -> Iterator[Take]:
    """Active and started servers; none without provisioning."""
    for table, take in ((plan.servers, units.active), (plan.started, units.start)):
        for (p, t), servers in np.ndenumerate(np.zeros((0, 0)) if table is None else table):
            yield take(p, t) * Fraction(float(servers))
