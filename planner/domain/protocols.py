"""What plug-ins implement, one method each, and all that a policy may see (MODEL.md 8)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

import numpy as np

from planner.domain.instance import Bools, Floats, Instance, Ints, Weights
from planner.domain.options import Options, Routes
from planner.domain.plan import Plan
from planner.domain.results import Cut, Multipliers

Regime = Literal["none", "forecast", "clairvoyant"]


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """Batches released and not yet done, as columns, earliest deadline first; `left` is the share still to serve.

    `batch` numbers the batches as they are released (the plan's own numbers would tell of later ones); `requests`
    counts the whole batch; `last` is the last period in which it may run (or start), `grace` included; `deadline` the
    last on time; `share_unit` as in `Batches`.
    """

    batch: Ints
    workload: Ints
    origin: Ints
    release: Ints
    deadline: Ints
    last: Ints
    length: Ints
    contiguous: Bools
    requests: Ints
    left: Floats
    share_unit: Floats

    def __len__(self) -> int:
        return len(self.batch)


@dataclass(frozen=True, slots=True, eq=False)
class HourView:
    """The start of period `period` as a policy sees it; nothing later is reachable from here.

    `carbon_intensity` (R, period+1) is observed up to and including now; `unit_price` (O,K) what a request costs now
    by the objective (idle servers not counted), `server_price` and `startup_price` (P,) what an active and a started
    server cost, 0 without provisioning; `free_server_seconds` (P,) what all available servers offer now, less what
    running jobs hold; `servers_available`, `servers_before` and `servers_kept` (P,), those that running jobs and (M5)
    keep on; `fleet_limit` of this period, infinite without one.
    `forecast(h)` gives (R, h) predicted CI from now on, its first column this period; None where the regime is `none`.
    `demand_forecast(h)` likewise (W, O, h) requests released from now on, explicit jobs left out. `tariff_usd_per_kwh`
    (R, period+1) is observed as the carbon intensity is, None where the instance has none.
    """

    period: int
    time: datetime
    step_hours: float
    routes: Routes
    region_names: tuple[str, ...]
    pool_names: tuple[str, ...]
    workload_names: tuple[str, ...]
    rtt_ms: Floats
    slo_ms: Floats
    service_ms: Floats
    service_sd_ms: Floats
    weights: Weights
    carbon_intensity: Floats
    unit_price: Floats
    server_price: Floats
    startup_price: Floats
    waiting: Waiting
    servers_available: Floats
    servers_before: Floats
    servers_kept: Floats
    server_capacity: Floats
    free_server_seconds: Floats
    fleet_limit: float
    forecast: Callable[[int], Floats] | None
    demand_forecast: Callable[[int], Floats] | None = None
    tariff_usd_per_kwh: Floats | None = None

    def load(self, row: Ints, route: Ints, share: Floats) -> Floats:
        """Server-seconds that serving shares of waiting rows on routes takes in this period (M2).

        A contiguous job spreads itself over its length.
        """
        spread = np.where(self.waiting.contiguous[row], self.waiting.length[row], 1)
        return np.asarray(self.waiting.requests[row] * share * self.routes.server_seconds[route] / spread)


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What to serve now: `row` indexes the waiting batches, `route` the routes, `share` of the whole batch.

    `servers` (P,) None: the fewest that carry the load.
    """

    row: Ints
    route: Ints
    share: Floats
    servers: Floats | None = None


class Policy(Protocol):
    """Decides one period at a time; created anew for every replay."""

    regime: ClassVar[Regime]

    def decide(self, view: HourView) -> Decision:
        """What to serve in this period; all that is left out waits."""
        ...


class Forecaster(Protocol):
    """Predicts a series from its past."""

    uses_future: ClassVar[bool]

    def predict(self, history: Floats, horizon: int) -> Floats:
        """(R, t+1) observed up to now -> (R, horizon) from this period on; the first column is the observed present."""
        ...


class BuiltModel(Protocol):
    """A formulation's Pyomo model and the way between its columns, which have numbers, and a plan."""

    @property
    def model(self) -> Any:
        """The Pyomo model."""
        ...

    @property
    def columns(self) -> list[Any]:
        """The Pyomo variables in number order."""
        ...

    @property
    def integer(self) -> Ints:
        """Numbers of the columns that must be integral."""
        ...

    @property
    def shape(self) -> str:
        """The shapes of MODEL.md 5 that the model holds, in words."""
        ...

    def plan(self, values: Floats) -> Plan:
        """Column values (integral ones exact) -> plan."""
        ...

    def multipliers(self, duals: Mapping[str, tuple[Ints, Floats]], cuts: tuple[Cut, ...]) -> Multipliers:
        """Row duals of the LP, by constraint family as (row keys, duals) -> the certificate."""
        ...

    def violated_cuts(self, values: Floats, *, most: int) -> list[Cut]:
        """(C1) cuts that the columns' values break."""
        ...

    def cut_row(self, cut: Cut) -> tuple[Ints, float]:
        """Columns (coefficient 1) and lower bound of one cut."""
        ...

    @property
    def may_round_up(self) -> bool:
        """Whether rounding the integral columns of a feasible relaxed plan up leaves it feasible."""
        ...

    def start(self, plan: Plan) -> Mapping[int, float]:
        """A plan -> values of its integral columns, for a MIP start."""
        ...


class Formulation(Protocol):
    """Builds a model of the options; `name` says in results which one it was."""

    name: str

    def build(self, options: Options) -> BuiltModel:
        """One Pyomo model, ready to be translated."""
        ...


class ForecasterFactory(Protocol):
    """Makes a forecaster; only one that says `uses_future` may look at what the instance holds after the present."""

    def __call__(self, instance: Instance) -> Forecaster:
        """A forecaster for one replay."""
        ...
