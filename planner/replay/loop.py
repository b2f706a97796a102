"""The hourly replay: a policy decides hour by hour, the judge looks at the whole (MODEL.md 8)."""

from time import perf_counter

from planner import registry
from planner.domain.instance import Instance
from planner.domain.options import Options, options
from planner.domain.protocols import Decision, Forecaster, HourView, Policy
from planner.domain.results import ReplayResult
from planner.errors import PlannerError, PolicyError
from planner.forecast.demand import demand_as_series
from planner.replay.backlog import Backlog
from planner.replay.fleet import Fleet
from planner.replay.obey import obeyed
from planner.replay.present import Present
from planner.replay.record import Record
from planner.replay.static import without_series
from planner.verify.judge import check


def replay(
    instance: Instance,
    policy: str | Policy,
    *,
    forecast: str | Forecaster = "persistence",
    demand_forecast: str | Forecaster | None = None,
    seed: int = 0,
) -> ReplayResult:
    """Play a policy (a spec or an object) through the instance and judge its plan.

    Forecasters are made only for a policy whose regime asks for them; that of demand is the same spec unless another is
    given, persistence where `forecast` is an object. A spec's policy is given the `seed` and the static part of the
    `instance` where it names them. What it asks of servers is read under provisioning only. What it leaves undone is
    late or missed where the instance prices it, else a violation in the verdict.
    PolicyError: a policy fails or breaks what it was shown.
    """
    name = policy if isinstance(policy, str) else type(policy).__name__
    player = _policy(instance, policy, seed)
    forecasters = () if player.regime == "none" else _forecasters(instance, forecast, demand_forecast, seed)
    account = options(instance)
    record = _play(Present(account, *forecasters), account, player, name)
    plan = record.plan(instance)
    requests = int(instance.requests.sum()) + sum(job.requests for job in instance.jobs)
    return ReplayResult(
        policy=name,
        regime=player.regime,
        uses_future=player.regime == "clairvoyant" or any(f.uses_future for f in forecasters),
        plan=plan,
        verdict=check(instance, plan),
        decision_us_per_request=record.seconds * 1e6 / max(1, requests),
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


def _play(present: Present, account: Options, player: Policy, name: str) -> Record:
    record = Record(Backlog(account.instance), Fleet(account))
    for period in range(account.instance.periods):
        view = present.view(period, record.backlog.waiting(period), record.fleet)
        begin = perf_counter()
        decision = _decision(player, view, name)
        record.seconds += perf_counter() - begin
        record.take(view, _obeyed(account.instance, view, decision, name))
    return record


def _decision(player: Policy, view: HourView, name: str) -> Decision:
    try:
        return player.decide(view)
    except PolicyError as error:
        raise PolicyError(f"{_hour(name, view)}: {error}") from error
    except PlannerError:
        raise
    except Exception as error:
        raise PolicyError(f"{_hour(name, view)}: {type(error).__name__}: {error}") from error


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
