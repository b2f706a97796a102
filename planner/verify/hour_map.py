"""(M10): the hour map is kept, switches seldom enough and dwells long enough."""

from collections.abc import Iterator

import numpy as np

from planner.domain.instance import HourMapRule, Ints
from planner.domain.plan import Plan
from planner.domain.results import Violation
from planner.verify.served import Rows, Steps, index_within, read, spread
from planner.verify.site import Site
from planner.verify.words import batch_name, hour, listed


def hour_map(site: Site, plan: Plan) -> Iterator[Violation]:
    """The map is there iff the instance asks for one, has its shape, and the plan obeys it."""
    rule, found = site.instance.hour_map, plan.hour_map
    if rule is None or found is None:
        message = "missing" if found is None else "given, but the instance asks for none"
        yield from () if rule is None and found is None else (Violation("M10", "hour_map", message, 1.0),)
        return
    shape = (len(site.instance.workloads) if rule.per_workload else 1, site.instance.periods)
    if found.shape != shape or not index_within(found, len(site.instance.regions)).all():
        yield Violation("M10", "hour_map", f"expected region indices of shape {shape}, found shape {found.shape}", 1.0)
        return
    rows = read(site, plan)
    yield from _obeyed(site, found, rows, spread(site, rows))
    for m, line in enumerate(found):
        name = f"map of {site.instance.workloads[m].name}" if rule.per_workload else "map"
        yield from _steady(site, rule, line, name)


def _obeyed(site: Site, chosen: Ints, rows: Rows, steps: Steps) -> Iterator[Violation]:
    line = rows.workload[steps.row] if len(chosen) > 1 else 0
    there = site.region[rows.pool[steps.row]]
    wanted = chosen[line, steps.period]
    names = [r.name for r in site.instance.regions]

    def describe(i: int) -> tuple[str, str, float]:
        where = f"{batch_name(site, int(rows.batch[steps.row[i]]))} in {hour(site.instance, int(steps.period[i]))}"
        message = f"runs in {names[there[i]]}, the map says {names[int(wanted[i])]}"
        return where, message, float(rows.share[steps.row[i]])

    return listed("M10", np.flatnonzero((there != wanted) & (rows.share[steps.row] != 0)), describe)


def _steady(site: Site, rule: HourMapRule, line: Ints, name: str) -> Iterator[Violation]:
    entered = np.flatnonzero(np.diff(line) != 0) + 1
    if rule.max_switches is not None and len(entered) > rule.max_switches:
        excess = float(len(entered) - rule.max_switches)
        yield Violation("M10", name, f"{len(entered)} switches, at most {rule.max_switches}", excess)
    stay = np.diff(entered, prepend=0)  # the last stay is cut by the horizon
    least = rule.min_dwell_periods

    def describe(i: int) -> tuple[str, str, float]:
        where = f"{name} before {hour(site.instance, int(entered[i]))}"
        return where, f"a region is kept for {stay[i]} periods, at least {least}", float(least - stay[i])

    yield from listed("M10", np.flatnonzero(stay < least), describe)
