"""The hourly replay: a policy decides hour by hour, the judge looks at the whole (MODEL.md 8)."""

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from planner import registry
from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.protocols import Decision, Forecaster, HourView, Policy
from planner.domain.results import ReplayResult
from planner.errors import BoundAboveObjective, InvalidInput, MissingExtra, PolicyError, UsageError
from planner.forecast.demand import demand_as_series
from planner.replay.backlog import Backlog
from planner.replay.fleet import Fleet
from planner.replay.obey import obeyed
from planner.replay.present import Present
from planner.replay.record import Record
from planner.replay.static import without_series
from planner.verify.judge import check

# Of the call, of a file it reads, or a defect of this package: one policy's row would hide it.
NOT_ITS_FAULT = (UsageError, InvalidInput, MissingExtra, BoundAboveObjective)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One hour: what the policy was shown and what it decided, checked."""

    view: HourView
    decision: Decision


class Replay:
    """A policy (a spec or an object) on its way through an instance, an hour at a time.

    Forecasters are made only for a policy whose regime asks for them; that of demand is the same spec unless another is
    given, persistence where `forecast` is an object. A spec's policy is given the `seed` and the static part of the
    `instance` where it names them. What it asks of servers is read under provisioning only.
    """

    def __init__(
        self,
        instance: Instance,
        policy: str | Policy,
        *,
        forecast: str | Forecaster = "persistence",
        demand_forecast: str | Forecaster | None = None,
        seed: int = 0,
    ) -> None:
        self.instance = instance
        self.name = policy if isinstance(policy, str) else type(policy).__name__
        self.policy = _policy(instance, policy, seed)
        blind = self.policy.regime == "none"
        self.forecasters = () if blind else _forecasters(instance, forecast, demand_forecast, seed)
        account = options(instance)
        self.record = Record(Backlog(instance), Fleet(account))
        self._present = Present(account, *self.forecasters)

    def step(self, period: int) -> Step:
        """Decide a period and carry it out; to be asked once for each, in order.

        PolicyError: the policy fails or breaks what it was shown.
        """
        view = self._present.view(period, self.record.backlog.waiting(period), self.record.fleet)
        begin = perf_counter()
        decision = _decision(self.policy, view, self.name)
        self.record.seconds += perf_counter() - begin
        kept = _obeyed(self.instance, view, decision, self.name)
        self.record.take(view, kept)
        return Step(view, kept)


def replay(
    instance: Instance,
    policy: str | Policy,
    *,
    forecast: str | Forecaster = "persistence",
    demand_forecast: str | Forecaster | None = None,
    seed: int = 0,
) -> ReplayResult:
    """Play a policy through the whole instance (see `Replay`) and judge its plan.

    What it leaves undone is late or missed where the instance prices it, else a violation in the verdict.
    PolicyError: a policy fails or breaks what it was shown.
    """
    run = Replay(instance, policy, forecast=forecast, demand_forecast=demand_forecast, seed=seed)
    for period in range(instance.periods):
        run.step(period)
    plan = run.record.plan(instance)
    requests = int(instance.requests.sum()) + sum(job.requests for job in instance.jobs)
    return ReplayResult(
        policy=run.name,
        regime=run.policy.regime,
        uses_future=run.policy.regime == "clairvoyant" or any(f.uses_future for f in run.forecasters),
        plan=plan,
        verdict=check(instance, plan),
        decision_us_per_request=run.record.seconds * 1e6 / max(1, requests),
    )


def _policy(instance: Instance, policy: str | Policy, seed: int) -> Policy:
    if not isinstance(policy, str):
        return policy
    made: Policy = registry.load("planner.policies", policy, seed=seed, instance=without_series(instance))
    return made


def _forecasters(
    instance: Instance, carbon: str | Forecaster, demand: str | Forecaster | None, seed: int
) -> tuple[Forecaster, Forecaster]:
    """Of the carbon intensity and of the requests."""
    same = carbon if isinstance(carbon, str) else "persistence"
    of_demand = _forecaster(demand_as_series(instance), same if demand is None else demand, seed)
    return _forecaster(instance, carbon, seed), of_demand


def _forecaster(instance: Instance, forecast: str | Forecaster, seed: int) -> Forecaster:
    if not isinstance(forecast, str):
        return forecast
    made: Forecaster = registry.load("planner.forecasters", forecast, instance=instance, seed=seed)
    return made


def _decision(player: Policy, view: HourView, name: str) -> Decision:
    if not len(view.routes):  # nothing can run anywhere: there is nothing to ask
        return Decision(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    try:
        return player.decide(view)
    except PolicyError as error:
        raise PolicyError(f"{_hour(name, view)}: {error}") from error
    except NOT_ITS_FAULT:
        raise
    except (Exception, SystemExit) as error:
        hint = "; a policy sees nothing after the hour it decides" if isinstance(error, IndexError) else ""
        raise PolicyError(f"{_hour(name, view)}: {type(error).__name__}: {error}{hint}") from error


def _obeyed(instance: Instance, view: HourView, decision: Decision, name: str) -> Decision:
    try:
        return obeyed(view, decision, lambda row: _batch_name(instance, view, row))
    except PolicyError as error:
        raise PolicyError(f"{_hour(name, view)}: {error}") from None


def _hour(name: str, view: HourView) -> str:
    return f"policy {name}, hour {view.period} ({view.time:%Y-%m-%dT%H:%MZ})"


def _batch_name(instance: Instance, view: HourView, row: int) -> str:
    waiting = view.waiting
    workload, origin = view.workload_names[waiting.workload[row]], instance.origins[waiting.origin[row]]
    return f"batch {waiting.batch[row]} ({workload} from {origin}, released in period {waiting.release[row]})"
