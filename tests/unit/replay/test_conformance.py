"""The conformance suite passes what is right and catches what is wrong."""

from typing import ClassVar

import numpy as np
import pytest

from planner.domain.protocols import Decision, HourView, Regime
from planner.policies.deadlines import latest_start
from planner.policies.lowest_carbon import LowestCarbon
from planner.replay.loop import replay
from planner.testing.conformance import check_policy, decisions, looks_ahead
from planner.testing.future import another_future
from tests.unit.replay.small import HOUR, small, workload

POLICIES = (
    "latency-first",
    "carbon-first",
    "lowest-carbon",
    "hybrid:alpha=0.3",
    "constrained-hybrid",
    "greedy",
    "threshold",
)


@pytest.mark.parametrize("spec", POLICIES)
def test_our_policies_conform(spec: str) -> None:
    check_policy(spec)


def test_the_same_rule_with_a_perfect_forecast_does_look_ahead() -> None:
    instance = small(
        [[10.0] * 24 + [500, 400, 300] * 8], [0] * 24 + [1] * 24, workloads=(workload("w0", slack_periods=5),)
    )
    assert looks_ahead("threshold", instance) is None
    assert looks_ahead("threshold", instance, forecast="perfect") is not None
    check_policy("threshold", [instance], forecast="perfect")  # it says so itself


class Peeking(LowestCarbon):
    """Knows the demand of the hour after: it was told on the way."""

    regime: ClassVar[Regime] = "none"
    future: ClassVar[list[int]] = []

    def decide(self, view: HourView) -> Decision:
        decision = super().decide(view)
        ahead = self.future[view.period] if view.period < len(self.future) else 0
        return decision if ahead % 2 else Decision(decision.row[:0], decision.route[:0], decision.share[:0])


def test_a_policy_that_looks_ahead_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = small([[10.0] * 8], [1, 2, 3, 4, 5, 6, 7, 8], workloads=(workload("w0", slack_periods=2),))
    real = replay

    def leaking(given: object, policy: object, **options: object) -> object:
        Peeking.future = given.requests[0, 0, 1:].tolist()  # type: ignore[attr-defined]
        return real(given, policy, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("planner.testing.conformance.replay", leaking)
    assert looks_ahead(Peeking, instance) is not None


class Random(LowestCarbon):
    """Serves or not by chance, unseeded."""

    def decide(self, view: HourView) -> Decision:
        decision = super().decide(view)
        kept = np.random.default_rng().random(len(decision.row)) < 0.5
        return Decision(decision.row[kept], decision.route[kept], decision.share[kept])


def test_an_unseeded_policy_is_caught() -> None:
    with pytest.raises(AssertionError, match="two replays differ"):
        check_policy(Random, [small([[10.0] * 48], [5] * 48, workloads=(workload("w0", slack_periods=2),))])


class Sloppy(LowestCarbon):
    """Never serves what is due."""

    def decide(self, view: HourView) -> Decision:
        decision = super().decide(view)
        kept = latest_start(view.waiting)[decision.row] > view.period
        return Decision(decision.row[kept], decision.route[kept], decision.share[kept])


def test_a_policy_that_lets_due_batches_wait_is_caught() -> None:
    with pytest.raises(AssertionError, match="due batch 0 waits beside free r0"):
        check_policy(Sloppy, [small([[10.0]], [5])])


class Forgetful(LowestCarbon):
    """Loses its state when it is pickled."""

    def __init__(self) -> None:
        self.awake = True

    def __getstate__(self) -> dict[str, bool]:
        return {"awake": False}

    def decide(self, view: HourView) -> Decision:
        decision = super().decide(view)
        return decision if self.awake else Decision(decision.row[:0], decision.route[:0], decision.share[:0])


def test_a_policy_that_does_not_survive_pickling_is_caught() -> None:
    with pytest.raises(AssertionError, match="a pickled copy decides otherwise"):
        check_policy(Forgetful, [small([[10.0]], [5])])


def test_another_future_leaves_the_past_alone() -> None:
    instance = small([[100, 200, 300]], [[[1, 2, 3]], [[4, 5, 6]]], servers=np.full((1, 3), 4.0))
    other = another_future(instance, 1)
    assert other.carbon_intensity_g_per_kwh[:, :2].tolist() == [[100, 200]]
    assert other.carbon_intensity_g_per_kwh[0, 2] != 300
    assert other.requests[:, :, :2].tolist() == instance.requests[:, :, :2].tolist()
    assert other.servers[:, :2].tolist() == [[4, 4]]


def test_decisions_do_not_depend_on_how_batches_are_numbered() -> None:
    instance = small([[100, 200]], [[[0, HOUR]], [[HOUR, 0]]])
    other = instance.replace(requests=np.array([[[0, 0]], [[HOUR, 0]]]))
    one, two = (replay(i, "greedy").plan for i in (instance, other))
    assert one.batch.tolist() != two.batch.tolist()
    assert decisions(instance, one, until=0) == decisions(other, two, until=0)
