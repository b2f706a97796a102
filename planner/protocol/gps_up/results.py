"""What a comparison of scenarios says."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from planner.domain.instance import Floats
from planner.protocol.gps_up.ledger import Account
from planner.replay.latency import Spread

SCHEMA = "planner.protocol-compare/1"
POWERUP = 1.0  # power per function is taken to be constant (protocol 9.2)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A base's figure over that of another scenario, with its 95 % interval where invocations can be resampled."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class FunctionTimes:
    """Latency of the committed executions of one function."""

    function: str
    invocations: int
    mean_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioResult:
    """One scenario. E* in s g/kWh: `energy_policy` with T the function's mean over all scenarios, `energy_measured`.

    `reached`: its saving against the base as a share of what the oracle's bound leaves, by `energy_policy`. `repeated`
    and `failed` executions are part of E*. `late` lists invocations that began at their deadline or after it. What only
    single executions tell (delays, late ones) is None from monitoring.
    """

    scenario: str
    source: str
    functions: tuple[FunctionTimes, ...]
    executions_by_region: Mapping[str, int]
    energy_policy: float
    energy_measured: float
    reached: float | None
    repeated: int
    failed: int
    delay_s: Spread | None = None
    late: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """GPS-UP of `new` against `base`; above 1 `new` is better."""

    base: str
    new: str
    speedup: Ratio
    speedup_by_function: Mapping[str, float]
    greenup_policy: float
    greenup_measured: Ratio
    powerup: float = POWERUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The whole; the first scenario is the base. `delays` (n,) by scenario are seconds of the compared invocations."""

    carbon: str
    invocations: int
    same_trace: bool | None
    accounts: tuple[Account, ...]
    function_seconds: Mapping[str, float]
    scenarios: tuple[ScenarioResult, ...]
    pairs: tuple[Pair, ...]
    bound_energy: float
    bound_greenup: float
    seed: int
    resamples: int
    warnings: tuple[str, ...]
    delays: Mapping[str, Floats]

    def document(self) -> dict[str, Any]:
        """As JSON holds it; of the delays their distributions."""
        found = {"schema": SCHEMA, **asdict(self)}
        del found["delays"]
        return found
