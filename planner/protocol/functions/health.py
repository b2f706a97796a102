"""`api-health-check`: low compute, low data."""

from planner.protocol.functions.outcome import Outcome
from planner.protocol.functions.payloads import HealthCheck

PONG = "pong"


def run(payload: HealthCheck) -> Outcome:
    """Answer that the service lives."""
    return Outcome(len(PONG), facts={payload.check: PONG})
