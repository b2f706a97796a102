"""Part of an instance, as the command line names it: --from TIME --hours H."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from planner.domain.instance import Instance
from planner.errors import UsageError

From = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Start at this time (2023-02-06, 2023-02-06T12:00; UTC).")
]
Hours = Annotated[float | None, typer.Option("--hours", metavar="H", help="Only so many hours.")]


def window(instance: Instance, start: str | None, hours: float | None) -> Instance:
    """The instance from a time on, for some hours; the whole of it without either. UsageError: it lies outside."""
    if start is None and hours is None:
        return instance
    from planner.data.slicing import slice_periods

    first = 0 if start is None else _period(instance, start)
    periods = instance.periods - first if hours is None else _whole(hours / instance.step_hours, "--hours")
    try:
        return slice_periods(instance, first, periods)
    except ValueError as error:
        end = instance.time(instance.periods)
        raise UsageError(f"--from, --hours: {error} (it lasts from {instance.start} to {end})") from error


def utc(text: str, option: str) -> datetime:
    """The time that an option names; UTC where it names no zone. UsageError: it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: write a time such as 2023-02-06 or 2023-02-06T12:00Z") from None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def _period(instance: Instance, text: str) -> int:
    return _whole((utc(text, "--from") - instance.start) / timedelta(minutes=instance.step_minutes), "--from")


def _whole(periods: float, option: str) -> int:
    if not float(periods).is_integer():
        raise UsageError(f"{option}: {periods:g} periods: the time must be a whole number of periods away")
    return int(periods)
