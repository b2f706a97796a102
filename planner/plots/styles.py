"""Lines and points that stay apart by more than their colour."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from planner.plots.palette import REGIONS

COLOURS = REGIONS[:6]  # yellow vanishes on paper
MARKERS = ("o", "s", "D", "^", "v", "P", "X")
DASHES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (7, 1.5, 1, 1.5, 1, 1.5)))


def points() -> Iterator[tuple[str, str]]:
    """(colour, marker) without end; 42 differ, and neighbours differ in both."""
    return zip(cycle(COLOURS), cycle(MARKERS), strict=False)


def lines() -> Iterator[tuple[str, Any]]:
    """(colour, dashes) without end; 30 differ, and neighbours differ in both."""
    return zip(cycle(COLOURS), cycle(DASHES), strict=False)
