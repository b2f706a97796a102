"""The problem of instances/MODEL.md, section 1, as frozen values.

Axes of the arrays: R regions, P pools, O origins, W workloads, T periods. Time is UTC, period 0 starts at
`Instance.start`, periods are half-open and last `Instance.step_minutes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SloMode = Literal["hard", "budget", "priced"]


@dataclass(frozen=True, slots=True)
class Region:
    """A cloud region: its grid zone, power usage effectiveness and coordinates (degrees)."""

    name: str
    grid_zone: str
    pue: float = 1.0
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Servers of one hardware in one region. `target_utilisation` is rho, `initial_servers` is y[p,-1]."""

    name: str
    region: str
    hardware: str
    idle_w: float = 0.0
    peak_w: float | None = None
    startup_wh: float = 0.0
    target_utilisation: float = 1.0
    initial_servers: int = 0
    min_uptime_periods: int = 1
    embodied_g_per_server_hour: float = 0.0
    price_usd_per_server_hour: float = 0.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What one request of a variant takes on one hardware; the energy is above idle under provisioning."""

    service_ms_mean: float
    service_ms_sd: float
    server_seconds_per_request: float
    energy_j_per_request: float


@dataclass(frozen=True, slots=True)
class Variant:
    """One form of a workload's model, with a profile per hardware it runs on."""

    name: str
    profiles: Mapping[str, Profile]

    def __post_init__(self) -> None:
        object.__setattr__(self, "profiles", MappingProxyType(dict(self.profiles)))

    def __reduce__(self) -> tuple[Any, ...]:
        return (Variant, (self.name, dict(self.profiles)))  # a mapping proxy does not pickle


@dataclass(frozen=True, slots=True)
class Workload:
    """A stream of like requests. `slo_ms` None: no latency limit; `allowed_regions` None: anywhere.

    `max_violation` is the limit of a hard SLO, `slo_budget` the eps of (M11), a share of the requests.
    """

    name: str
    variants: tuple[Variant, ...]
    slo_ms: float | None = None
    slo_mode: SloMode = "hard"
    max_violation: float = 0.0
    slo_budget: float | None = None
    slack_periods: int = 0
    allowed_regions: tuple[str, ...] | None = None
    bytes_in: float = 0.0
    bytes_out: float = 0.0
    splittable: bool = True


@dataclass(frozen=True, slots=True)
class Job:
    """An unsplittable batch with a release, deadline and length of its own (periods, inclusive deadline).

    Contiguous: runs `length` periods in a row on one pool, 1/length of it in each. Interruptible: runs in `length`
    periods of its choice, 1/length of it in each.
    """

    name: str
    workload: str
    origin: str
    release: int
    deadline: int
    length: int = 1
    contiguous: bool = True
    requests: int = 1


@dataclass(frozen=True, slots=True)
class CarbonKind:
    """What the carbon series means; one instance never mixes kinds."""

    signal: Literal["average", "marginal"] = "average"
    scope: Literal["direct", "lifecycle"] = "direct"
    basis: Literal["consumption", "production"] = "consumption"


@dataclass(frozen=True, slots=True)
class Weights:
    """Objective weights (MODEL.md 4). `miss_weight` None: a miss is not allowed, (M1) is hard."""

    alpha: float = 1.0
    beta: float = 1.0
    gamma: float = 0.0
    violation_weight: float = 0.0
    tardiness_weight: float = 0.0
    miss_weight: float | None = None
    carbon_price_usd_per_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Caps:
    """(M12) limits of totals; None: no limit."""

    carbon_kg: float | None = None
    cost_usd: float | None = None
    energy_kwh: float | None = None


@dataclass(frozen=True, slots=True)
class HourMapRule:
    """(M10) one region per period; at most `max_switches` changes; each kept at least `min_dwell_periods`.

    The dwell rule holds for a region entered by a switch; the first and last stay may be cut by the horizon only at
    the end. `per_workload`: every workload has a map of its own.
    """

    max_switches: int | None = None
    min_dwell_periods: int = 1
    per_workload: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Vintages:
    """Recorded forecasts: `values[s, r, h]` is CI of region r, h periods after `issued[s]`, issued at its start."""

    issued: Ints
    values: Floats


@dataclass(frozen=True, slots=True, eq=False)
class RequestLog:
    """Origin and workload index of every request, in order; the counts tell the period of each."""

    origin: Ints
    workload: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Batches:
    """Every batch of an instance as columns of length B: count batches in (workload, origin, release) order, then jobs.

    `deadline` is the last period on time; `job` is -1 for a count batch; `share_unit` is the share that one period of
    an unsplittable batch serves (1, or 1/length for an interruptible job) and 0 where any share may be served.
    """

    workload: Ints
    origin: Ints
    release: Ints
    deadline: Ints
    requests: Ints
    length: Ints
    contiguous: Bools
    job: Ints
    share_unit: Floats

    def __len__(self) -> int:
        return len(self.workload)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One planning problem; shapes: carbon (R,T), rtt (O,R), requests (W,O,T), servers (P,T), price (R,T).

    `servers` holds whole numbers; infinity marks a pool without a limit. `network_kwh_per_gb` is (O,R),
    `fleet_limit` (T,). `notes` are the assumptions and sources that travel with the file.
    """

    name: str
    start: datetime
    step_minutes: int
    regions: tuple[Region, ...]
    pools: tuple[Pool, ...]
    origins: tuple[str, ...]
    workloads: tuple[Workload, ...]
    carbon_intensity_g_per_kwh: Floats
    carbon_kind: CarbonKind
    rtt_ms: Floats
    requests: Ints
    servers: Floats
    provisioning: bool = False
    jitter_sd_ms: float = 0.0
    jobs: tuple[Job, ...] = ()
    fleet_limit: Floats | None = None
    price_usd_per_kwh: Floats | None = None
    network_kwh_per_gb: Floats | None = None
    vintages: Vintages | None = None
    request_log: RequestLog | None = None
    weights: Weights = field(default_factory=Weights)
    grace_periods: int = 0
    caps: Caps = field(default_factory=Caps)
    hour_map: HourMapRule | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, np.ndarray) and value.flags.writeable:
                frozen = value.copy()
                frozen.flags.writeable = False
                object.__setattr__(self, f.name, frozen)

    def replace(self, **changes: Any) -> "Instance":
        """The same instance with some fields changed."""
        return replace(self, **changes)

    @property
    def periods(self) -> int:
        """T, the number of periods."""
        return int(self.carbon_intensity_g_per_kwh.shape[1])

    @property
    def step_hours(self) -> float:
        """D, the length of a period in hours."""
        return self.step_minutes / 60.0

    @property
    def pool_region(self) -> Ints:
        """(P,) index of each pool's region."""
        index = {r.name: i for i, r in enumerate(self.regions)}
        return np.array([index[p.region] for p in self.pools], dtype=np.int64)

    def time(self, period: int) -> datetime:
        """Start of a period, UTC."""
        return self.start + timedelta(minutes=self.step_minutes * period)

    def batches(self) -> Batches:
        """Every batch with at least one request, in the order that plans refer to."""
        w, o, a = np.nonzero(self.requests)
        slack = np.array([x.slack_periods for x in self.workloads], dtype=np.int64)
        split = np.array([x.splittable for x in self.workloads], dtype=np.bool_)
        names = [x.name for x in self.workloads]
        j = self.jobs
        n, zeros = len(w), np.zeros(len(w), dtype=np.int64)

        def joined(counted: NDArray[Any], of_jobs: list[Any], kind: Any = np.int64) -> NDArray[Any]:
            return np.concatenate([counted, np.array(of_jobs, dtype=kind)]).astype(kind)

        return Batches(
            workload=joined(w, [names.index(x.workload) for x in j]),
            origin=joined(o, [self.origins.index(x.origin) for x in j]),
            release=joined(a, [x.release for x in j]),
            deadline=joined(np.minimum(a + slack[w], self.periods - 1), [x.deadline for x in j]),
            requests=joined(self.requests[w, o, a], [x.requests for x in j]),
            length=joined(zeros + 1, [x.length for x in j]),
            contiguous=joined(np.ones(n), [x.contiguous for x in j], np.bool_),
            job=joined(zeros - 1, list(range(len(j)))),
            share_unit=joined(
                np.where(split[w], 0.0, 1.0), [1.0 if x.contiguous else 1.0 / x.length for x in j], np.float64
            ),
        )
