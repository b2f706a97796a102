"""Where a gap stands on a logarithmic axis."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from planner.report.results.words import round_percent

LEAST = 1e-3  # a gap below this stands at the axis' foot
DECADES_WITH_FIVES = 3


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where, from 0 to 1, and what is written there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class GapScale:
    """From `least`, with all that is below it, to `most`."""

    least: float
    most: float

    @classmethod
    def over(cls, gaps: Iterable[float]) -> "GapScale":
        """The scale that holds them all: at least two decades."""
        largest = max(gaps, default=0.0)
        return cls(LEAST, max(100 * LEAST, largest * 1.1))

    def at(self, gap: float) -> float:
        """0 at the foot, 1 at the end."""
        return log10(max(gap, self.least) / self.least) / log10(self.most / self.least)

    def ticks(self) -> list[Tick]:
        """Powers of ten, and their fives where there is room."""
        exponents = range(floor(log10(self.least)), ceil(log10(self.most)) + 1)
        heads = (1, 5) if len(exponents) <= DECADES_WITH_FIVES else (1,)
        values = [head * 10.0**n for n in exponents for head in heads]
        return [Tick(self.at(v), round_percent(v)) for v in values if self.least * (1 - 1e-9) <= v <= self.most]
