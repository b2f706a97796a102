import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from planner.errors import UsageError
from planner.protocol.clock import VARIABLE, RealClock, VirtualClock, parse_clock, shared_clock

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_real_clock_is_the_machines() -> None:
    before = datetime.now(UTC)
    assert before <= RealClock().now() <= datetime.now(UTC)
    assert RealClock().real_seconds(900) == 900


def test_a_virtual_clock_starts_where_it_is_told_and_runs_faster() -> None:
    began = datetime.now(UTC)
    clock = VirtualClock(START, began.timestamp(), 1e6)
    shown = clock.now() - START
    assert timedelta(0) <= shown <= 1e6 * (datetime.now(UTC) - began) + timedelta(seconds=10)
    assert clock.real_seconds(3600) == 0.0036


@pytest.mark.parametrize("clock", [RealClock(), VirtualClock(START, 1.7e9 + 1 / 3, 252.0)])
def test_a_clock_and_its_text_are_the_same(clock: RealClock | VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse_clock(str(clock)) == clock
    monkeypatch.setenv(VARIABLE, str(clock))
    assert shared_clock() == clock


def test_without_an_epoch_a_virtual_clock_starts_now() -> None:
    clock = parse_clock("2026-06-01T00:00:00Z*1")
    assert START <= clock.now() < START + HOUR


def test_processes_share_the_real_clock_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert shared_clock() == RealClock()


def test_sleeping_ends_at_the_moment_and_not_before() -> None:
    clock = parse_clock("2026-06-01T00:00:00Z*100000")
    moment = clock.now() + HOUR
    asyncio.run(clock.sleep_until(moment))
    assert clock.now() >= moment
    asyncio.run(clock.sleep_until(START))  # long past: at once


@pytest.mark.parametrize(
    "text",
    ["", "virtual", "monday*2", "2026-06-01T00:00:00Z", "2026-06-01T00:00:00Z*fast", "2026-06-01T00:00:00Z@x*2"]
    + [f"2026-06-01T00:00:00Z*{speed}" for speed in ("0", "-1", "inf", "nan")],
)
def test_what_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_clock(text)
