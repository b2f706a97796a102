"""Served requests as another plan has them, per region, per period or both: an oracle with less freedom."""

import numpy as np

from models.draft import Draft
from models.terms.backlog import Flows
from planner.domain.flat import FlatOptions
from planner.domain.instance import Floats, Ints
from planner.domain.restriction import Restriction

BAND = 1e-6  # relative, the feasibility tolerance of MODEL.md 7: the other plan may use it

Entries = tuple[Ints, Ints, Floats]


def repeat(draft: Draft, flat: FlatOptions | None, flows: Flows | None, restriction: Restriction) -> None:
    """Each sum that the restriction keeps stays within rounding of what it was."""
    row, column, requests = (
        np.concatenate(parts)
        for parts in zip(*_of_options(draft, flat, restriction), *_of_flows(draft, flows, restriction), strict=True)
    )
    kept = restriction.totals
    size = np.where(kept > 0, kept, 1.0)  # rows count shares of the sum, so that they are near 1
    there = (kept > 0).astype(np.float64)
    draft.add_rows("kept", row, column, requests / size[row], lower=there - BAND * (kept > 0), upper=there + BAND)
