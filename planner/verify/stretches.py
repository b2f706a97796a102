"""Stretches of periods, priced one after the other: memory does not grow with the length of the horizon."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from planner.verify.site import Site

CELLS = 2**18  # of a table (routes, periods); some ten of them are in memory at once


@dataclass(frozen=True, slots=True)
class Stretch:
    """Batches released in periods first..end-1, which run up to period stop-1 at most."""

    first: int
    end: int
    stop: int

    @property
    def released(self) -> slice:
        """The periods that this stretch alone has."""
        return slice(self.first, self.end)

    @property
    def priced(self) -> slice:
        """The periods whose prices it takes; the next stretches have some of them too."""
        return slice(self.first, self.stop)

    def __len__(self) -> int:
        return self.end - self.first


def stretches(site: Site, cells: int) -> Iterator[Stretch]:
    """Every period once, as long at a time as `cells` permit, but at least as long as a batch may wait."""
    periods, reach = site.instance.periods, _longest_wait(site)
    width = max(cells // max(site.runs[0].size, 1), reach, 1)
    for first in range(0, periods, width):
        end = min(first + width, periods)
        yield Stretch(first, end, min(end + reach, periods))


def _longest_wait(site: Site) -> int:
    """Periods between the release of a batch and the last one that it may run in, grace included."""
    slack = max(w.slack_periods for w in site.instance.workloads)
    wait = int(np.max(site.jobs.deadline - site.jobs.release, initial=slack))
    return wait + site.instance.grace_periods
