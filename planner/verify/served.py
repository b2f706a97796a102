"""The rows of a plan that can be evaluated, joined with their batches, and their spread over periods."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from planner.domain.instance import Bools, Floats, Ints
from planner.domain.plan import Plan
from planner.verify.site import Site

SANE = 1e12  # shares and server counts beyond are nonsense, and would overflow sums
BLOCK = 2**17  # rows at a time; a year's plan has a million


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Served rows as columns of one length; they run `span` periods from `period` on and end `late` past the deadline.

    `requests` is the row's share of the batch's requests (expected value, not rounded).
    """

    batch: Ints
    pool: Ints
    variant: Ints
    period: Ints
    share: Floats
    workload: Ints
    origin: Ints
    span: Ints
    late: Ints
    requests: Floats

    def __len__(self) -> int:
        return len(self.batch)

    def where(self, kept: Bools) -> "Rows":
        """Some of the rows."""
        return Rows(**{f.name: getattr(self, f.name)[kept] for f in fields(self)})


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Rows spread over the periods they run in, inside the horizon: `row` indexes Rows, equal parts of its requests."""

    row: Ints
    period: Ints
    requests: Floats


def index_within(column: Ints | Floats, limit: int | Floats) -> Bools:
    """Whether each entry is a whole number from 0 up to the limit; NaN and fractions are not."""
    return np.asarray((column >= 0) & (column < limit) & (column == np.floor(column)))


def sane(values: Floats) -> Bools:
    """Whether each entry is a number that can be added up; NaN and infinity are not."""
    return np.asarray(np.abs(values) <= SANE)


def trimmed(*columns: np.ndarray) -> tuple[np.ndarray, ...]:
    """The columns, flat and cut to the shortest."""
    flat = [np.ravel(c) for c in columns]
    return tuple(c[: min(map(len, flat))] for c in flat)


def readable(site: Site, plan: Plan) -> tuple[Bools, Bools, Bools, Bools, Bools]:
    """For batch, pool, variant, period and share: which entries of the trimmed plan mean something."""
    batch, pool, variant, period, share = trimmed(plan.batch, plan.pool, plan.variant, plan.period, plan.share)
    known = index_within(batch, len(site.batches))
    variants = np.zeros(len(batch), dtype=np.int64)
    variants[known] = site.variants[site.batches.workload[batch[known].astype(np.int64)]]
    return (
        known,
        index_within(pool, len(site.instance.pools)),
        index_within(variant, np.where(known, variants, np.inf)),
        index_within(period, site.instance.periods),
        sane(share),
    )


def blocks(site: Site, plan: Plan) -> Iterator[Rows]:
    """The readable rows, some at a time; one block without rows of a plan without rows."""
    columns = trimmed(plan.batch, plan.pool, plan.variant, plan.period, plan.share)
    for first in range(0, max(len(columns[0]), 1), BLOCK):
        batch, pool, variant, period, share = (c[first : first + BLOCK] for c in columns)
        yield read(site, plan.replace(batch=batch, pool=pool, variant=variant, period=period, share=share))


def read(site: Site, plan: Plan) -> Rows:
    """Rows whose every entry is readable."""
    columns = trimmed(plan.batch, plan.pool, plan.variant, plan.period, plan.share)
    fine = np.logical_and.reduce(readable(site, plan))
    kept = slice(None) if fine.all() else fine  # millions of rows need no copy
    batch, pool, variant, period = (c[kept].astype(np.int64, copy=False) for c in columns[:4])
    share = columns[4][kept].astype(np.float64, copy=False)
    b = site.batches
    span = np.where(b.contiguous[batch], b.length[batch], 1)
    return Rows(
        batch=batch,
        pool=pool,
        variant=variant,
        period=period,
        share=share,
        workload=b.workload[batch],
        origin=b.origin[batch],
        span=span,
        late=np.maximum(period + span - 1 - b.deadline[batch], 0),
        requests=b.requests[batch] * share,
    )


def joined(parts: Sequence[Rows]) -> Rows:
    """Rows one after the other."""
    return Rows(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Rows)})


def spread(site: Site, rows: Rows) -> Steps:
    """Each row's requests in each of its periods."""
    row = np.repeat(np.arange(len(rows)), rows.span)
    first = np.repeat(np.cumsum(rows.span) - rows.span, rows.span)
    period = rows.period[row] + np.arange(len(row)) - first
    inside = period < site.instance.periods
    row = row[inside]
    return Steps(row=row, period=period[inside], requests=rows.requests[row] / rows.span[row])
