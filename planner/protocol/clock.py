"""What time the experiment has: the machine's, or a virtual one that runs a week in minutes."""

import asyncio
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Protocol

from planner.errors import InvalidInput, UsageError
from planner.io.clock import format_utc, parse_utc

VARIABLE = "PLANNER_CLOCK"  # how processes share one clock
REAL = "real"


class Clock(Protocol):
    """Time as the experiment sees it; decisions and logs read no other."""

    def now(self) -> datetime:
        """The moment, UTC."""

    def real_seconds(self, clock_seconds: float) -> float:
        """How long that many of this clock's seconds last on a wall clock."""

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for a moment; at once where it is past."""


@dataclass(frozen=True, slots=True)
class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, UTC."""
        return datetime.now(UTC)

    def real_seconds(self, clock_seconds: float) -> float:
        """The same number."""
        return clock_seconds

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for a moment; at once where it is past."""
        await _sleep_until(self, moment)

    def __str__(self) -> str:
        return REAL


@dataclass(frozen=True, slots=True)
class VirtualClock:
    """Shows `start` when the machine shows `epoch` (seconds since 1970), then runs `speed` times as fast."""

    start: datetime
    epoch: float
    speed: float

    def __post_init__(self) -> None:
        if not (isfinite(self.epoch) and isfinite(self.speed) and self.speed > 0):
            raise UsageError(f"a virtual clock needs a positive, finite speed, not {self.epoch}*{self.speed}")

    def now(self) -> datetime:
        """The moment, UTC."""
        return self.start + timedelta(seconds=(time.time() - self.epoch) * self.speed)

    def real_seconds(self, clock_seconds: float) -> float:
        """Shortened in proportion."""
        return clock_seconds / self.speed

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for a moment; at once where it is past."""
        await _sleep_until(self, moment)

    def __str__(self) -> str:
        return f"{format_utc(self.start)}@{self.epoch!r}*{self.speed!r}"


def parse_clock(text: str) -> Clock:
    """`real`, `START*SPEED` (from now on) or `START@EPOCH*SPEED`; `str` of a clock is its inverse. UsageError: none."""
    if text == REAL:
        return RealClock()
    moment, _, speed = text.rpartition("*")
    start, _, epoch = moment.partition("@")
    try:
        return VirtualClock(parse_utc(start, "clock"), float(epoch) if epoch else time.time(), float(speed))
    except (ValueError, InvalidInput):
        wanted = "`real` or START[@EPOCH]*SPEED such as 2026-06-01T00:00:00Z*252"
        raise UsageError(f"a clock is {wanted}, not {text!r}") from None


def shared_clock() -> Clock:
    """The clock that this process was started with."""
    return parse_clock(os.environ.get(VARIABLE, REAL))


async def _sleep_until(clock: Clock, moment: datetime) -> None:
    # In a loop: a wall clock that is set back must not wake anybody before the moment.
    while (left := clock.real_seconds((moment - clock.now()).total_seconds())) > 0:
        await asyncio.sleep(left)
