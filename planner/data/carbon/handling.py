"""How an importer handles what a file leaves open: said by the user, never guessed, and counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from planner.data.carbon.series import said
from planner.domain.instance import CarbonKind
from planner.errors import UsageError

Missing = Literal["error", "interpolate", "drop-region"]
Duplicates = Literal["error", "first", "last", "mean"]
Negative = Literal["error", "clip", "missing"]
G_PER_LB = 453.59237
FACTORS = {
    "g/kwh": 1.0,
    "kg/mwh": 1.0,
    "kg/kwh": 1000.0,
    "t/mwh": 1000.0,
    "lbs/mwh": G_PER_LB / 1000,
    "lb/mwh": G_PER_LB / 1000,
    "lbs/kwh": G_PER_LB,
    "g/mwh": 0.001,
}
WORDS = {"average", "marginal", "direct", "lifecycle", "consumption", "production"}


@dataclass(frozen=True, slots=True)
class Handling:
    """What to take from a file and how to repair it; the defaults repair nothing.

    `kind` are words such as "direct" or "marginal direct"; `unit` is what the values are in (None: what the format
    says); `timezone` is the clock of times that carry no offset (None: UTC). `start` and `end` bound the periods that
    must be there (UTC, half-open). Gaps longer than `max_gap_hours` are never interpolated.
    """

    zone: str | None = None
    kind: str = ""
    unit: str | None = None
    decimal: Literal[".", ","] = "."
    timezone: ZoneInfo | None = None
    missing: Missing = "error"
    max_gap_hours: float = 6.0
    duplicates: Duplicates = "error"
    negative: Negative = "error"
    start: datetime | None = None
    end: datetime | None = None

    def factor(self, stated: str = "g/kWh") -> float:
        """What makes g/kWh of the values: of the user's unit, else of the one the file states. UsageError."""
        return factor(self.unit or stated)


def factor(unit: str) -> float:
    """g/kWh in one of a unit, such as lbs/MWh. UsageError for an unknown one."""
    plain = unit.lower().replace(" ", "").replace("co2eq", "").replace("co2e", "").replace("co2", "")
    if plain not in FACTORS:
        raise UsageError(f"unknown unit '{unit}': give one of {', '.join(FACTORS)}")
    return FACTORS[plain]


def kinds(signals: Iterable[str], scopes: Iterable[str], bases: Iterable[str]) -> tuple[CarbonKind, ...]:
    """Every combination, the first of each first."""
    return tuple(CarbonKind(s, c, b) for s in signals for c in scopes for b in bases)  # type: ignore[arg-type]


EVERY_KIND = kinds(["average", "marginal"], ["direct", "lifecycle"], ["consumption", "production"])


def choose(offered: Sequence[CarbonKind], words: str, *, must_say: bool = False) -> CarbonKind:
    """The first kind on offer that has all the words. UsageError where none has, or where a word is needed."""
    wanted = set(words.lower().replace("life-cycle", "lifecycle").replace(",", " ").split())
    if not wanted <= WORDS:
        raise UsageError(
            f"--kind: unknown {', '.join(sorted(wanted - WORDS))}; the words are {', '.join(sorted(WORDS))}"
        )
    fitting = [kind for kind in offered if wanted <= set(said(kind).split())]
    if not fitting or (must_say and not wanted):
        reason = "the file does not say its kind" if fitting else f"the file holds no '{words}'"
        raise UsageError(f"--kind: {reason}; give one of: {'; '.join(map(said, offered))}")
    return fitting[0]
