"""How one instance of the functions is configured: by environment variables, as Cloud Run does it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from planner.errors import UsageError
from planner.protocol import clock, log

REGION, TOKEN, PREFIX = "PLANNER_REGION", "PLANNER_TOKEN", "PLANNER_DATA_PREFIX"
AUTH, CONCURRENCY, SLOW_DOWN = "PLANNER_AUTH", "PLANNER_CONCURRENCY", "PLANNER_SLOW_DOWN"
SERVICE = "K_SERVICE"  # Cloud Run's name for it
SHARED, IAM = "shared", "iam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of one instance. `token` None: whoever reaches it is let in, because Cloud Run has already asked (IAM)."""

    region: str
    prefix: str
    token: str | None
    service: str = "functions"
    log: str | None = None
    clock: str = clock.REAL
    concurrency: int = 2
    slow_down: float = 1.0

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise UsageError(f"{CONCURRENCY} must be at least 1, not {self.concurrency}")
        if not 1 <= self.slow_down < 1000:
            raise UsageError(f"{SLOW_DOWN} must be a factor from 1, not {self.slow_down}")

    def environment(self) -> dict[str, str]:
        """The variables from which another process reads the same settings."""
        wanted = {
            REGION: self.region,
            PREFIX: self.prefix,
            TOKEN: self.token,
            AUTH: SHARED if self.token else IAM,
            SERVICE: self.service,
            log.VARIABLE: self.log,
            clock.VARIABLE: self.clock,
            CONCURRENCY: str(self.concurrency),
            SLOW_DOWN: str(self.slow_down),
        }
        return {name: value for name, value in wanted.items() if value is not None}


def from_environment(given: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. UsageError: a variable is missing or is not what it should be."""
    try:
        return Settings(
            region=_needed(given, REGION),
            prefix=_needed(given, PREFIX),
            token=_token(given),
            service=given.get(SERVICE, "functions"),
            log=given.get(log.VARIABLE),
            clock=given.get(clock.VARIABLE, clock.REAL),
            concurrency=int(given.get(CONCURRENCY, "2")),
            slow_down=float(given.get(SLOW_DOWN, "1")),
        )
    except ValueError as error:
        raise UsageError(f"{CONCURRENCY} and {SLOW_DOWN} must be numbers: {error}") from None


def _token(given: Mapping[str, str]) -> str | None:
    # Without a token only on purpose: a variable that was forgotten must not open the door.
    return None if given.get(AUTH, SHARED) == IAM else _needed(given, TOKEN)


def _needed(given: Mapping[str, str], name: str) -> str:
    if not given.get(name):
        raise UsageError(f"the environment variable {name} is not set")
    return given[name]
