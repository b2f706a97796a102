"""A carbon-intensity series of one grid zone, and all that must be known of it before it is compared or mixed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from planner.domain.instance import CarbonKind, Floats
from planner.errors import InvalidInput

Times = NDArray[np.datetime64]
UNIT = "gCO2e/kWh"


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Carbon intensity of `zone`, period by period, without a hole.

    `times` (T,) are the starts of the periods, UTC, datetime64[s], `step_minutes` apart; `values` (T,) are g/kWh, not
    negative. `unit` tells what is counted: "gCO2/kWh" or, with other greenhouse gases, "gCO2e/kWh". `source` says
    who published it, `licence` under which terms.
    """

    zone: str
    times: Times
    step_minutes: int
    values: Floats
    source: str
    licence: str
    unit: str
    kind: CarbonKind

    def __post_init__(self) -> None:
        times = np.array(self.times, dtype="datetime64[s]")
        values = np.array(self.values, dtype=np.float64)
        _sound(self.zone, times, values, self.step_minutes)
        for name, array in (("times", times), ("values", values)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @property
    def start(self) -> datetime:
        """Start of the first period, UTC."""
        return as_datetime(self.times[0])

    @property
    def end(self) -> datetime:
        """End of the last period, UTC."""
        return as_datetime(self.times[-1]) + timedelta(minutes=self.step_minutes)


def _sound(zone: str, times: Times, values: Floats, step_minutes: int) -> None:
    """InvalidInput unless there are values, one a period, finite and not negative, and no period is missing."""
    where = f"series of {zone}"
    if not len(times) or len(times) != len(values):
        raise InvalidInput(where, f"{len(times)} times and {len(values)} values", "at least one, as many of either")
    late = np.flatnonzero(np.diff(times) != np.timedelta64(step_minutes, "m"))
    if late.size:
        found = f"{iso(times[late[0] + 1])} after {iso(times[late[0]])}"
        raise InvalidInput(where, found, f"a period every {step_minutes} minutes")
    bad = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if bad.size:
        raise InvalidInput(
            f"{where} at {iso(times[bad[0]])}", f"{values[bad[0]]:g}", "a number of at least 0, in g/kWh"
        )


def one_kind(series: Sequence[Series]) -> CarbonKind:
    """The kind of carbon intensity that all the series share. InvalidInput, naming two zones, where they differ."""
    first = series[0]
    for other in series[1:]:
        if other.kind != first.kind:
            found = f"{said(other.kind)} for {other.zone} ({other.source}) beside {said(first.kind)} for {first.zone}"
            raise InvalidInput(
                "carbon kind", found, "one kind: they are not comparable, and an instance never mixes them"
            )
    return first.kind


def said(kind: CarbonKind) -> str:
    """A kind in words: "average direct consumption"."""
    return f"{kind.signal} {kind.scope} {kind.basis}"


def as_datetime(time: np.datetime64) -> datetime:
    """The instant as a datetime that carries UTC."""
    return datetime.fromisoformat(iso(time))


def as_instant(time: datetime) -> np.datetime64:
    """A datetime that carries a zone as an instant of a series."""
    return np.datetime64(time.astimezone(UTC).replace(tzinfo=None), "s")


def iso(time: np.datetime64) -> str:
    """ISO 8601 with a Z, to the second."""
    return f"{np.datetime_as_string(time, unit='s')}Z"
