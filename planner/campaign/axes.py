"""Axes: what a value changes on an instance. The factors and shares are those of `planner sweep`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.metrics.sweep import AXES

WINDOW = ("from", "hours", "shift")


def varied(instance: Instance, settings: Mapping[str, Any]) -> Instance:
    """The instance with a window cut out of it, then with what else is set.

    ValueError: the window lies outside. UsageError: the instance cannot be varied so.
    """
    if any(name in settings for name in WINDOW):
        instance = _window(instance, settings)
    for name, value in settings.items():
        if name in AXES:
            instance = AXES[name](instance, value)
    return instance


def _window(instance: Instance, settings: Mapping[str, Any]) -> Instance:
    """Each seed's window begins `shift` hours after that of the seed before."""
    start: datetime = settings.get("from", instance.start)
    moved = start + timedelta(hours=settings.get("shift", 0.0) * settings["seed"])
    first = _whole((moved - instance.start) / timedelta(hours=instance.step_hours))
    hours = settings.get("hours")
    return slice_periods(
        instance, first, instance.periods - first if hours is None else _whole(hours / instance.step_hours)
    )


def _whole(periods: float) -> int:
    if not float(periods).is_integer():
        raise ValueError(f"{periods:g} periods are not a whole number of them")
    return int(periods)
