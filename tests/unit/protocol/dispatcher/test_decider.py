import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from planner.data.faas import protocol_days
from planner.domain.instance import Instance
from planner.errors import PolicyError, UsageError
from planner.protocol.dispatcher.decider import Choice, Decider
from planner.protocol.dispatcher.shares import Group
from planner.protocol.trace import HOUR, Invocation, trace
from planner.replay.loop import Replay, replay

START = datetime(2026, 6, 1, tzinfo=UTC)
DAY = protocol_days(START, 1, seed=3)
CALLS = list(trace(START, 1))
Row = tuple[str, datetime, str, datetime]


def asked(decider: Decider, call: Invocation, now: datetime) -> Choice:
    return decider.choose(call.function, call.trace_hour, call.event_id, deadline=call.deadline, now=now)


def followed(decider: Decider, call: Invocation, now: datetime) -> Choice:
    """Ask again whenever it says so, as the queue does."""
    choice = asked(decider, call, now)
    while choice.region is None:
        assert choice.at > now
        now = choice.at
        choice = asked(decider, call, now)
    return choice


def counted(decider: Decider, calls: Iterable[Invocation]) -> Counter[Row]:
    """Invocations by function, hour of release, region and hour of execution, as they come hour by hour."""
    found: Counter[Row] = Counter()
    for call in calls:
        choice = followed(decider, call, call.at)
        assert choice.region is not None
        assert choice.at < call.deadline
        found[call.function, call.trace_hour, choice.region, choice.at] += 1
    return found


def planned(instance: Instance, policy: str, forecast: str) -> dict[Row, float]:
    plan, batches = replay(instance, policy, forecast=forecast).plan, instance.batches()
    found: dict[Row, float] = {}
    for batch, pool, period, share in zip(plan.batch, plan.pool, plan.period, plan.share, strict=True):
        work, release = instance.workloads[batches.workload[batch]].name, instance.time(int(batches.release[batch]))
        row = (work, release, instance.pools[pool].region, instance.time(int(period)))
        found[row] = found.get(row, 0.0) + share * batches.requests[batch]
    return found


@pytest.mark.parametrize("policy", ["threshold", "wait-awhile", "dual-price", "lowest-carbon"])
@pytest.mark.parametrize("forecast", ["persistence", "perfect"])
def test_decisions_are_those_of_the_replay(policy: str, forecast: str) -> None:
    found = counted(Decider(DAY, policy, forecast=forecast), CALLS)
    assert found == pytest.approx(planned(DAY, policy, forecast))
    assert sum(found.values()) == len(CALLS)


@pytest.mark.parametrize("policy", ["pcm", "carbon-clipper"])
def test_shares_of_an_invocation_are_rounded_and_none_is_lost(policy: str) -> None:
    found, plan = counted(Decider(DAY, policy), CALLS), planned(DAY, policy, "persistence")
    assert sum(found.values()) == len(CALLS)
    for function in DAY.workloads:
        names = {row for row in (*found, *plan) if row[0] == function.name}
        assert max(abs(found[row] - plan.get(row, 0.0)) for row in names) < 1.0 + 1e-9


def test_order_and_time_of_arrival_do_not_matter() -> None:
    first, second = Decider(DAY, "threshold"), Decider(DAY, "threshold")
    expected = {call.event_id: followed(first, call, call.at) for call in CALLS}
    shuffled = random.Random(0).sample(CALLS, len(CALLS))
    late = timedelta(hours=5)
    found = {call.event_id: followed(second, call, call.at + random.Random(call.event_id).random() * late)
             for call in shuffled}  # fmt: skip
    assert {k: (c.region, c.at) for k, c in found.items()} == {k: (c.region, c.at) for k, c in expected.items()}


@pytest.mark.parametrize("policy", ["wait-awhile", "dual-price"])
def test_a_seed_decides_alike_in_every_run(policy: str) -> None:
    def run(seed: int) -> list[tuple[str | None, datetime]]:
        decider = Decider(DAY, policy, forecast="noisy:error=0.3", seed=seed)
        return [(c.region, c.at) for c in (followed(decider, call, call.at) for call in CALLS)]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_what_lies_ahead_changes_nothing_before_it() -> None:
    hours = 9
    changed = DAY.carbon_intensity_g_per_kwh.copy()
    changed[:, hours:] = changed[::-1, hours:] * 3
    other = DAY.replace(carbon_intensity_g_per_kwh=changed)
    now = START + (hours - 1) * HOUR
    known = [call for call in CALLS if call.at < now]
    first, second = Decider(DAY, "threshold"), Decider(other, "threshold")
    assert [asked(first, c, now).region for c in known] == [asked(second, c, now).region for c in known]


def test_an_unknown_invocation_follows_its_group() -> None:
    decider = Decider(DAY, "lowest-carbon")
    known = asked(decider, CALLS[0], START)
    extra = decider.choose(CALLS[0].function, START, "somebody-else", deadline=START + HOUR, now=START)
    assert (extra.region, extra.at) == (known.region, known.at)


def test_what_the_plan_does_not_know_runs_at_once() -> None:
    empty = DAY.replace(requests=np.zeros_like(DAY.requests))
    choice = Decider(empty, "threshold").choose("crypto-key-gen", START, "x", deadline=START + HOUR, now=START)
    cleanest = DAY.carbon_intensity_g_per_kwh[:, 0].argmin()
    assert choice.region == DAY.regions[cleanest].name
    assert "knows no such" in choice.reason["why"]


def test_what_is_due_before_the_next_hour_does_not_wait() -> None:
    decider = Decider(DAY, "threshold", forecast="perfect")
    waits = next(c for c in CALLS if asked(decider, c, c.at).region is None)
    at_once = decider.choose(
        waits.function, waits.trace_hour, waits.event_id, deadline=waits.trace_hour + HOUR, now=waits.at
    )
    assert at_once.region is not None
    assert "due" in at_once.reason["why"]


def test_an_early_one_waits_for_its_hour_and_the_reason_tells_no_future() -> None:
    call = CALLS[-1]
    choice = asked(Decider(DAY, "threshold"), call, START)
    assert choice.region is None
    assert choice.at == call.trace_hour
    assert choice.reason["ci_at_once_g_per_kwh"] == DAY.carbon_intensity_g_per_kwh[:, 0].min()


def test_reasons_name_policy_forecast_and_intensities() -> None:
    decider = Decider(DAY, "threshold", forecast="perfect")
    waits = next(c for c in CALLS if asked(decider, c, c.at).region is None)
    reason = followed(decider, waits, waits.at).reason
    hour = (waits.trace_hour - START) // HOUR
    assert reason["policy"] == "threshold"
    assert reason["forecast"] == "perfect"
    assert reason["ci_at_once_g_per_kwh"] == DAY.carbon_intensity_g_per_kwh[:, hour].min()
    assert reason["ci_g_per_kwh"] in DAY.carbon_intensity_g_per_kwh[:, hour + 1 :]
    assert reason["ci_forecast_lowest_g_per_kwh"] <= reason["ci_g_per_kwh"]


def test_a_failing_policy_loses_no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    step = Replay.step

    def failing(self: Replay, period: int) -> object:
        if period == 3:
            raise PolicyError("hour 3: broken")
        return step(self, period)

    monkeypatch.setattr(Replay, "step", failing)
    decider = Decider(DAY, "threshold", forecast="perfect")
    assert sum(counted(decider, CALLS).values()) == len(CALLS)
    assert decider.failure == "hour 3: broken"
    assert "broken" in asked(decider, CALLS[-1], CALLS[-1].at).reason["why"]


def test_only_an_instance_of_invocations_is_taken(two_hours: Instance) -> None:
    with pytest.raises(UsageError, match="an hour"):
        Decider(two_hours.replace(step_minutes=30), "threshold")


def test_trace_hours_of_the_experiment() -> None:
    decider = Decider(DAY, "threshold")
    assert decider.covers(START)
    assert decider.covers(START + 23 * HOUR)
    assert not any(decider.covers(h) for h in (START - HOUR, START + 24 * HOUR, START + timedelta(minutes=1)))


def test_parts_grow_by_the_rounded_sum() -> None:
    group = Group(3)
    for period in range(4):
        group.serve(period, period, 0.25)
    assert [(p.until, p.period) for p in group.parts] == [(1, 0), (2, 1), (3, 3)]
    assert group.part(2, 2) is None
