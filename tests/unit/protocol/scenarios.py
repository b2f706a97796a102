"""Scenarios A, B and C that never ran, on a grid of one's own."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from planner.data.faas import protocol_days
from planner.protocol.metrics.local import Window, metrics_of_logs
from planner.protocol.metrics.scenario import ScenarioMetrics
from planner.protocol.trace import Invocation
from tests.unit.protocol.request_logs import START, Choice, at_once_in, scenario_log

HOUR = timedelta(hours=1)
BASE = "europe-west1"
DAYS = protocol_days(START, 2)  # the second day is room for what waits
CI = DAYS.carbon_intensity_g_per_kwh
NAMES = [region.name for region in DAYS.regions]


def lowest_now(call: Invocation) -> tuple[str, datetime]:
    """Scenario B."""
    hour = (call.trace_hour - START) // HOUR
    return NAMES[int(CI[:, hour].argmin())], call.at + timedelta(seconds=1)


def lowest_until_deadline(call: Invocation) -> tuple[str, datetime]:
    """Scenario C by one who knows the series."""
    first, last = (call.trace_hour - START) // HOUR, (call.deadline - START) // HOUR
    region, ahead = np.unravel_index(CI[:, first:last].argmin(), (len(NAMES), last - first))
    waits = START + int(first + ahead) * HOUR + timedelta(minutes=3)
    return NAMES[region], waits if ahead else call.at + timedelta(seconds=1)


def measured(folder: Path, scenario: str, choice: Choice) -> ScenarioMetrics:
    """By way of a log."""
    return metrics_of_logs([scenario_log(folder / f"{scenario}.jsonl", scenario, choice)], scenario, Window())


def three(folder: Path) -> list[ScenarioMetrics]:
    """A, B and C."""
    choices = {"A": at_once_in(BASE), "B": lowest_now, "C": lowest_until_deadline}
    return [measured(folder, name, choice) for name, choice in choices.items()]
