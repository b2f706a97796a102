"""Served requests as another plan has them, per region, per period or both: an oracle with less freedom."""

import numpy as np

from models.draft import Draft
from models.terms.backlog import Flows
from planner.domain.flat import FlatOptions
from planner.domain.instance import Floats, Ints
from planner.domain.restriction import Restriction

Entries = tuple[Ints, Ints, Floats]


def repeat(draft: Draft, flat: FlatOptions | None, flows: Flows | None, restriction: Restriction) -> None:
    """Each sum that the restriction keeps is at most what it was; so it is the same where nothing is missed.

    A row counts shares of its sum, to have coefficients near 1.
    """
    parts = []
    if flat is not None:
        parts.append(_of_options(draft, flat, restriction))
    if flows is not None:
        parts.append(_of_flows(draft, flows, restriction))
    row, column, requests = (np.concatenate(p) for p in zip(*parts, strict=True))
    totals = restriction.totals
    scale, share = np.where(totals > 0, totals, 1.0), (totals > 0).astype(np.float64)
    # Said as equalities HiGHS places whole batches sooner, but finds whole servers much later.
    same = flows is None and draft.instance.weights.miss_weight is None
    draft.add_rows("kept", row, column, requests / scale[row], lower=share if same else None, upper=share)


def _of_options(draft: Draft, flat: FlatOptions, restriction: Restriction) -> Entries:
    """(row, column, requests) of every period that an option runs in."""
    batches, routes = draft.instance.batches(), draft.options.routes
    j = np.repeat(np.arange(len(flat)), flat.span)
    ahead = np.arange(len(j)) - np.repeat(np.cumsum(flat.span) - flat.span, flat.span)
    batch, region = flat.batch[j], routes.region[flat.route[j]]
    row = restriction.row(batches.workload[batch], region, flat.period[j] + ahead)
    return row, draft.numbers["x"][j], (batches.requests[flat.batch] * flat.unit / flat.span)[j]


def _of_flows(draft: Draft, flows: Flows, restriction: Restriction) -> Entries:
    """(row, column, requests) of every flow."""
    routes = draft.options.routes
    row = restriction.row(routes.workload[flows.route], routes.region[flows.route], flows.period)
    return row, draft.numbers["f"], flows.unit[flows.kind]
