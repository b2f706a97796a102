"""What a file says of a zone before anything is repaired, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from planner.data.carbon.series import Times
from planner.domain.instance import CarbonKind, Floats, Ints
from planner.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a file: which, where, what was found, what was expected; `periods` are concerned.

    `code`: missing, duplicate, daylight-saving, unit, level, negative, decimal, value, time, step, kind or order.
    """

    code: str
    zone: str
    where: str
    found: str
    expected: str
    periods: int = 1

    def error(self) -> InvalidInput:
        """The finding as the error it is where nothing repairs it."""
        return InvalidInput(f"{self.zone}, {self.where}", self.found, self.expected)


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to how many periods of a zone."""

    zone: str
    what: str
    periods: int


@dataclass(frozen=True, slots=True)
class Publication:
    """Who published a series, under which terms, and what it counts (gCO2/kWh or gCO2e/kWh)."""

    source: str
    licence: str
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Rows of one zone: `where` (N,) names each, `times` (N,) UTC, NaT where unreadable, `values` (N,) g/kWh, else NaN.

    `clock_stated` is false where the times carried no offset and nobody said which clock they follow. `repairs` are
    those already made in reading, such as a conversion of units. `computed`: from generation, whose unit cancels out;
    `unusable` says why a row that holds figures has no value.
    """

    zone: str
    where: tuple[str, ...]
    times: Times
    values: Floats
    kind: CarbonKind
    publication: Publication
    clock_stated: bool
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Repair, ...] = ()
    computed: bool = False
    unusable: Mapping[str, str] = field(default_factory=dict)

    def taken(self, rows: Ints) -> "Readings":
        """Some of the rows, in the order of their indices."""
        where = tuple(self.where[i] for i in rows)
        return replace(self, where=where, times=self.times[rows], values=self.values[rows])


def counted(periods: int) -> str:
    """A number of periods in words."""
    return f"{periods} period{'s' * (periods != 1)}"
