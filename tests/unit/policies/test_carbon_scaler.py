"""Scaling with the carbon intensity, against the optimum where the rule is known to be optimal."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.domain.instance import Instance, Pool, Profile, Variant, Workload
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.testing.conformance import check_policy
from planner.testing.strategies import instances
from tests.unit.replay.small import HOUR, KWH, job, small, workload


def test_conformance() -> None:
    check_policy("carbon-scaler")
    check_policy("carbon-scaler", forecast="perfect")


@settings(max_examples=10, deadline=None)
@given(instance=instances())
def test_conformance_on_random_instances(instance: Instance) -> None:
    check_policy("carbon-scaler", [instance])


def shares(carbon: list[float], requests: int, *, slack: int) -> dict[int, float]:
    """Share by period of one batch, released first, where one server is on in every period."""
    work = workload("w0", slack_periods=slack)
    counts = [requests] + [0] * (len(carbon) - 1)
    instance = small([carbon], counts, workloads=(work,), servers=np.ones((1, len(carbon))))
    plan = replay(instance, "carbon-scaler", forecast="perfect").plan
    return dict(zip(plan.period.tolist(), plan.share.tolist(), strict=True))


def test_the_cleanest_hours_are_filled_and_the_next_one_takes_the_rest() -> None:
    assert shares([40, 10, 30, 20], 5 * HOUR // 2, slack=3) == pytest.approx({1: 0.4, 2: 0.2, 3: 0.4})


def test_a_dirty_hour_scales_down_to_what_the_clean_ones_cannot_take() -> None:
    assert shares([40, 10], 3 * HOUR // 2, slack=1) == pytest.approx({0: 1 / 3, 1: 2 / 3})


def test_jobs_do_not_scale_but_choose_their_hours() -> None:
    pieces = job("j", release=0, deadline=4, length=2, contiguous=False)
    instance = small([[40, 10, 30, 20, 50]], np.zeros((1, 1, 5)), jobs=(pieces,))
    assert replay(instance, "carbon-scaler", forecast="perfect").plan.period.tolist() == [1, 3]


@st.composite
def alone(draw: st.DrawFn) -> Instance:
    """One batch, no other; efficient servers and less efficient ones in every region: non-increasing marginals."""
    regions, slack = draw(st.integers(1, 3)), draw(st.integers(0, 7))
    periods = (
        slack + 2
    )  # beyond its deadline: a rule that minds capacity looks out for what may still arrive until then
    carbon = [[draw(st.integers(1, 400)) for _ in range(periods)] for _ in range(regions)]
    kinds = {kind: Profile(10.0, 0.0, 1.0, watts * KWH) for kind, watts in (("new", 1.0), ("old", 1.7))}
    pools = tuple(Pool(f"r{r}-{kind}", f"r{r}", kind) for r in range(regions) for kind in kinds)
    servers = np.array([float(draw(st.integers(1, 3))) for _ in pools])
    requests = draw(st.integers(1, int(servers.sum()) * (slack + 1) * HOUR))
    work = Workload("w0", (Variant("only", kinds),), slack_periods=slack)
    capacity = np.repeat(servers[:, None], periods, axis=1)
    return small(carbon, [requests] + [0] * (periods - 1), pools=pools, workloads=(work,), servers=capacity)


@settings(max_examples=40, deadline=None)
@given(instance=alone())
def test_greedy_is_the_optimum_of_the_lp_for_a_batch_alone(instance: Instance) -> None:
    run = replay(instance, "carbon-scaler", forecast="perfect")
    assert run.verdict.violations == ()
    assert run.verdict.objective.total == pytest.approx(solve(instance, gap=1e-9).objective.total, rel=1e-9)
