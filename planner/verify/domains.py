"""(M0): every used option exists, shares lie in [0,1] and come in units where a batch is unsplittable."""

from collections.abc import Callable, Iterator

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.plan import Plan
from planner.domain.results import FEASIBILITY, INTEGRALITY, Violation
from planner.verify.served import Rows, blocks, index_within, joined, readable, trimmed
from planner.verify.site import Site
from planner.verify.sums import tally
from planner.verify.words import batch_name, hour, listed, pool_hour

COLUMNS = ("batch", "pool", "variant", "period", "share")


def domains(site: Site, plan: Plan) -> Iterator[Violation]:
    """Everything (M0) says of what is served."""
    yield from _columns(site, plan)
    rows = joined([rows.where(_suspect(site, rows)) for rows in blocks(site, plan)])
    yield from _shares(site, rows)
    yield from _options(site, rows)
    yield from _units(site, rows)


def _suspect(site: Site, rows: Rows) -> Bools:
    """Rows that break a rule by themselves, and those of unsplittable batches, which may do so together."""
    found = (_excess(rows) > FEASIBILITY) | (site.batches.share_unit[rows.batch] > 0)
    for broken, _, _ in _refusals(site, rows):
        found |= broken
    return np.asarray(found)


def _columns(site: Site, plan: Plan) -> Iterator[Violation]:
    """The plan's columns agree in length and every entry means something."""
    served = [np.ravel(getattr(plan, name)) for name in COLUMNS]
    missed = [np.ravel(plan.missed_batch), np.ravel(plan.missed_share)]
    for name, columns in (("served", served), ("missed", missed)):
        lengths = [len(c) for c in columns]
        if len(set(lengths)) > 1:
            yield Violation("M0", name, f"columns of different lengths: {lengths}", float(max(lengths) - min(lengths)))
    for name, column, fine in zip(COLUMNS, trimmed(*served), readable(site, plan), strict=True):
        yield from _unreadable(name, column, fine)
    batch, _ = trimmed(*missed)
    yield from _unreadable("missed_batch", batch, index_within(batch, len(site.batches)))


def _unreadable(name: str, column: Floats | Ints, fine: Bools) -> Iterator[Violation]:
    def describe(i: int) -> tuple[str, str, float]:
        return f"row {i}", f"{name} {column[i]} means nothing in this instance", np.inf

    return listed("M0", np.flatnonzero(~fine), describe)


def _shares(site: Site, rows: Rows) -> Iterator[Violation]:
    excess = _excess(rows)

    def describe(i: int) -> tuple[str, str, float]:
        return _row(site, rows, i), f"share {rows.share[i]:g} is not in [0, 1]", float(excess[i])

    return listed("M0", np.flatnonzero(excess > FEASIBILITY), describe)


def _excess(rows: Rows) -> Floats:
    return np.asarray(np.maximum(rows.share - 1.0, -rows.share))


def _options(site: Site, rows: Rows) -> Iterator[Violation]:
    for broken, message, excess in _refusals(site, rows):
        yield from _refused(site, rows, broken, message, excess)


def _refusals(site: Site, rows: Rows) -> Iterator[tuple[Bools, Callable[[int], str], Floats | Ints]]:
    """Residency, hardware, release, deadline with grace, horizon, hard SLO: which rows break it, and what to say."""
    instance = site.instance
    route = rows.workload, rows.variant, rows.pool
    pi = site.violation[(*route, rows.origin)]
    limit = np.array([w.max_violation for w in instance.workloads])[rows.workload]
    release, end = site.batches.release[rows.batch], rows.period + rows.span - 1
    grace, last = instance.grace_periods, instance.periods - 1
    used = rows.share != 0
    never = np.ones(len(rows))
    checks: tuple[tuple[Bools, Callable[[int], str], Floats | Ints], ...] = (
        (~site.allowed[rows.workload, rows.pool], lambda _: "its region is not allowed", never),
        (~site.runs[route], lambda _: "the hardware does not run the variant", never),
        (rows.period < release, lambda i: f"runs before its release in period {release[i]}", release - rows.period),
        (rows.late > grace, lambda i: f"ends {rows.late[i]} periods late, {grace} permitted", rows.late - grace),
        (end > last, lambda i: f"ends in period {end[i]}, the last one is {last}", end - last),
        (
            ~site.fast[(*route, rows.origin)],
            lambda i: f"breaks its SLO with {pi[i]:.9f}, limit {limit[i]:g}",
            pi - limit,
        ),
    )
    yield from ((broken & used, message, excess) for broken, message, excess in checks)


def _refused(
    site: Site, rows: Rows, broken: Bools, message: Callable[[int], str], excess: Floats | Ints
) -> Iterator[Violation]:
    return listed("M0", np.flatnonzero(broken), lambda i: (_row(site, rows, i), message(i), float(excess[i])))


def _units(site: Site, rows: Rows) -> Iterator[Violation]:
    """An unsplittable batch is served in whole units, at most one in a period."""
    unit = site.batches.share_unit[rows.batch]
    off = np.minimum(np.abs(rows.share), np.abs(rows.share - unit))
    broken = (unit > 0) & (off > INTEGRALITY)

    def describe(i: int) -> tuple[str, str, float]:
        return _row(site, rows, i), f"share {rows.share[i]:g} is neither 0 nor the unit {unit[i]:g}", float(off[i])

    yield from listed("M0", np.flatnonzero(broken), describe)
    yield from _in_crumbs(site, rows, np.where((unit > 0) & ~broken, off, 0.0))
    yield from _one_unit_a_period(site, rows, np.flatnonzero((unit > 0) & ~broken))


def _in_crumbs(site: Site, rows: Rows, off: Floats) -> Iterator[Violation]:
    """Shares that each pass for 0 or the unit must not split a batch together."""
    apart = tally(rows.batch, off, len(site.batches))
    allowed = INTEGRALITY * site.batches.length

    def describe(b: int) -> tuple[str, str, float]:
        return batch_name(site, b), f"its shares are off whole units by {apart[b]:g} in all", float(apart[b])

    return listed("M0", np.flatnonzero(apart > allowed), describe)


def _one_unit_a_period(site: Site, rows: Rows, whole: Ints) -> Iterator[Violation]:
    periods = site.instance.periods
    spots, back = np.unique(rows.batch[whole] * periods + rows.period[whole], return_inverse=True)
    batch, period = spots // periods, spots % periods
    excess = tally(back, rows.share[whole], len(spots)) - site.batches.share_unit[batch]

    def describe(i: int) -> tuple[str, str, float]:
        where = f"{batch_name(site, int(batch[i]))} in {hour(site.instance, int(period[i]))}"
        return where, f"exceeds one unit a period by share {excess[i]:g}", float(excess[i])

    return listed("M0", np.flatnonzero(excess > FEASIBILITY), describe)


def _row(site: Site, rows: Rows, i: int) -> str:
    place = pool_hour(site.instance, int(rows.pool[i]), int(rows.period[i]))
    return f"{batch_name(site, int(rows.batch[i]))} at {place}"
