"""Entries that logs deliver twice, known by their id."""

from dataclasses import dataclass, field

import numpy as np

from planner.data.demand.traces.tables import Rows
from planner.domain.instance import Bools


@dataclass(slots=True)
class Once:
    """Remembers a hash of every id that it saw."""

    _seen: set[int] = field(default_factory=set)

    def new(self, rows: Rows, column: str) -> Bools:
        """(n,) whether a row is the first of its id; one without an id is."""
        cells, given = rows.frame[column], rows.frame[column].notna()
        return np.array(
            [not there or self._first(hash(cell)) for cell, there in zip(cells, given, strict=True)], dtype=np.bool_
        )

    def _first(self, identity: int) -> bool:
        before = len(self._seen)
        self._seen.add(identity)
        return len(self._seen) > before
