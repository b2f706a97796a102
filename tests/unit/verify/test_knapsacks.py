"""Whole batches with prices of their own: bounds that are known by hand.

A request takes a second and 1 Wh, and a server has 3,600 seconds an hour. In hour 0, `b` emits 0.04 kg for 1,000
requests and `a` 0.45 kg; in hour 1 `b` emits 0.05 kg.
"""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from planner.domain.instance import Instance, Job, Profile, Variant, Weights
from planner.domain.plan import Plan
from planner.domain.results import Multipliers
from planner.io.instances import load_instance
from planner.solve.oracle import bound
from planner.verify.bound import lower_bound
from planner.verify.exact_bound import exact_bound
from planner.verify.judge import check

B = 1  # index of the clean region and of its pool


@pytest.fixture
def whole(instance: Instance) -> Instance:
    """A batch of 2,000 from each origin in hour 0, without slack; one server in `b`, any number in `a`."""
    requests = np.zeros((1, 2, 3), dtype=np.int64)
    requests[0, :, 0] = 2000
    work = replace(instance.workloads[0], splittable=False, slack_periods=0)
    return instance.replace(workloads=(work,), requests=requests, servers=np.array([[np.inf] * 3, [1.0] * 3]))


def only_b(instance: Instance, **changes: object) -> Instance:
    """Nothing may run in `a`."""
    return working(instance, allowed_regions=("b",)).replace(**changes)


def working(instance: Instance, **changes: object) -> Instance:
    return instance.replace(workloads=(replace(instance.workloads[0], **changes),))


def serving(instance: Instance, *rows: tuple[int, int]) -> Plan:
    """Every batch in one of its (pool, period)."""
    pool, period = (np.array(column) for column in zip(*rows, strict=True))
    batch, none = np.arange(len(rows)), np.zeros(0, np.int64)
    return Plan(batch, pool, 0 * batch, period, np.ones(len(rows)), none, np.zeros(0))


def multipliers(instance: Instance, *prices: float) -> Multipliers:
    """Prices of the batches of hour 0 by origin; nothing else has one."""
    batches = np.zeros(instance.requests.shape)
    batches[0, :, 0] = prices
    return replace(Multipliers.nothing(instance), batches=batches)


def proven(instance: Instance, *prices: float) -> float:
    """The bound, having seen that it is the exact one rounded down."""
    given = multipliers(instance, *prices)
    found, exact = lower_bound(instance, given), exact_bound(instance, given)
    assert found <= exact
    assert found == pytest.approx(float(exact), rel=1e-12, abs=1e-12)
    return found


def test_two_batches_that_do_not_fit_together(whole: Instance) -> None:
    assert lower_bound(whole, Multipliers.nothing(whole)) == pytest.approx(0.16)
    assert proven(whole, 0.9, 0.9) == pytest.approx(0.08 + 0.9)  # one of them goes to a: the optimum
    assert check(whole, serving(whole, (B, 0), (0, 0))).objective.total == pytest.approx(0.98)
    roomy = whole.replace(servers=np.array([[np.inf] * 3, [2.0] * 3]))
    assert proven(roomy, 0.9, 0.9) == pytest.approx(0.16)


def test_any_price_proves_something(whole: Instance) -> None:
    assert proven(whole, 0.08, 0.08) == pytest.approx(0.16)  # the least costs: as without prices
    assert proven(whole, 0.0, 0.0) == 0
    assert proven(whole, -1.0, 0.9) == pytest.approx(-1 + 0.08)
    assert proven(whole, 5.0, 5.0) == pytest.approx(10 - 2 * (5 - 0.9) - (5 - 0.08))  # too much: both go to both


def test_a_batch_that_is_too_large_for_a_cell(whole: Instance) -> None:
    large = whole.replace(requests=2 * whole.requests)
    assert proven(large, 1.8, 1.8) == pytest.approx(2 * 1.8)
    assert lower_bound(large, Multipliers.nothing(large)) == pytest.approx(0.32)


def test_a_price_of_capacity_counts_beside(whole: Instance) -> None:
    capacity = np.zeros((2, 3))
    capacity[B, 0] = 1e-4  # 0.2 a batch, 0.36 for the server
    given = replace(multipliers(whole, 0.9, 0.9), capacity=capacity)
    assert lower_bound(whole, given) == pytest.approx(1.8 - (0.9 - 0.28) - 0.36)
    assert float(exact_bound(whole, given)) == pytest.approx(1.8 - (0.9 - 0.28) - 0.36)


def test_a_miss(whole: Instance) -> None:
    soft = only_b(whole, weights=Weights(miss_weight=1e-4))  # 0.2 a batch
    assert proven(soft, 0.2, 0.2) == pytest.approx(0.08 + 0.2)
    assert proven(soft, 0.5, 0.5) == pytest.approx(1.0 + 2 * (0.2 - 0.5) - (0.5 - 0.08))


def test_what_can_be_neither_served_nor_missed_is_worth_its_price(whole: Instance) -> None:
    nowhere = whole.replace(rtt_ms=np.full((2, 2), 90.0))
    assert lower_bound(nowhere, Multipliers.nothing(nowhere)) == np.inf
    assert proven(nowhere, 7.0, 1.0) == pytest.approx(8)


def test_waiting_and_lateness(whole: Instance) -> None:
    patient = working(only_b(whole), slack_periods=1)
    assert proven(patient, 0.1, 0.1) == pytest.approx(0.08 + 0.1)  # hour 1 is on time
    late = only_b(whole, grace_periods=1, weights=Weights(tardiness_weight=1e-5))  # 0.02 a batch and hour
    assert proven(late, 0.12, 0.12) == pytest.approx(0.08 + 0.12)
    ending = late.replace(requests=np.roll(late.requests, 2, axis=2))  # released in the last hour: none is later
    given = replace(Multipliers.nothing(ending), batches=np.full((1, 2, 3), 1.0))
    assert lower_bound(ending, given) == pytest.approx(2 - (1 - 0.12))


def test_variants_of_one_batch_in_one_cell(whole: Instance) -> None:
    heavy = Variant("heavy", {"gpu": Profile(20.0, 4.0, 1.0, 1800.0)})
    light = Variant("light", {"gpu": Profile(20.0, 4.0, 0.75, 3600.0)})
    two = working(only_b(whole), variants=(heavy, light))
    assert proven(two, 0.1, 0.1) == pytest.approx(0.04 + 0.08)  # one of each fits, not two heavy ones
    assert proven(two, 0.1, 0.0) == pytest.approx(0.04)  # one batch takes one of its variants


def test_servers_without_limit_and_none(whole: Instance) -> None:
    endless = whole.replace(servers=np.full((2, 3), np.inf))
    assert proven(endless, 0.9, 0.9) == pytest.approx(0.16)
    empty = whole.replace(servers=np.array([[np.inf] * 3, [0.0] * 3]))
    assert proven(empty, 0.9, 0.9) == pytest.approx(1.8)
    weightless = working(empty, variants=(Variant("m", {"gpu": Profile(20.0, 4.0, 0.0, 3600.0)}),))
    assert proven(weightless, 0.9, 0.9) == pytest.approx(0.16)  # it fits where there is no server


def test_under_provisioning_all_available_servers_count(whole: Instance) -> None:
    limited = whole.replace(provisioning=True, servers=np.array([[4.0] * 3, [1.0] * 3]))
    assert proven(limited, 0.9, 0.9) == pytest.approx(0.98)
    roomy = limited.replace(servers=np.full((2, 3), 2.0))
    assert proven(roomy, 0.9, 0.9) == pytest.approx(0.16)
    assert proven(whole.replace(provisioning=True), 0.9, 0.9) == pytest.approx(0.98)


def test_what_fills_a_cell_to_the_last_second_fits(whole: Instance) -> None:
    thirds = whole.replace(requests=whole.requests // 2000 * [[[1200], [2400]]])
    assert proven(thirds, 0.5, 1.0) == pytest.approx(0.04 * 3.6)


@pytest.mark.parametrize("provisioning", [False, True])
@pytest.mark.parametrize("servers", [0.0, 1.0, 3.0])
def test_what_fits_by_a_tolerance_fits(whole: Instance, provisioning: bool, servers: float) -> None:
    """The judge accepts a load that is too large by 1e-6, and servers that are more by 1e-6."""
    active = servers + 5e-7 * provisioning
    load = 3600 * active + 5e-7 * max(1.0, 3600 * active)
    variant = Variant("m", {"gpu": Profile(20.0, 4.0, load / 2000, 3600.0)})
    one = whole.requests * [[[1], [0]]]
    tight = working(whole, variants=(variant,)).replace(
        requests=one, servers=np.full((2, 3), servers), provisioning=provisioning
    )
    on = np.zeros((2, 3))
    on[B, 0] = active
    plan = serving(tight, (B, 0))
    if provisioning:
        plan = plan.replace(servers=on, started=on)
    verdict = check(tight, plan, multipliers=multipliers(tight, 0.9, 0.0))
    assert verdict.violations == ()
    assert verdict.bound is not None
    assert verdict.bound <= verdict.objective.total
    assert verdict.bound == pytest.approx(0.9 - (0.9 - 0.08))


def test_prices_of_nothing_count_nothing(whole: Instance) -> None:
    split = replace(whole.workloads[0], name="split", splittable=True)
    requests = np.concatenate([whole.requests, whole.requests])
    mixed = whole.replace(workloads=(*whole.workloads, split), requests=requests)
    batches = np.full(requests.shape, 3.0)
    batches[0, :, 0] = 0.9
    given = replace(Multipliers.nothing(mixed), batches=batches)
    assert lower_bound(mixed, given) == pytest.approx(0.98 + 0.16)
    assert float(exact_bound(mixed, given)) == pytest.approx(0.98 + 0.16)


def test_jobs_have_no_price(whole: Instance) -> None:
    busy = whole.replace(jobs=(Job("j", "web", "bonn", 1, 1, requests=1000),))
    assert proven(busy, 0.9, 0.9) == pytest.approx(0.98 + 0.05)
    alone = busy.replace(requests=0 * busy.requests)
    assert proven(alone, 0.9, 0.9) == pytest.approx(0.05)


def test_an_instance_of_splittable_workloads_alone(whole: Instance) -> None:
    split = working(whole, splittable=True)
    paid = split.replace(price_usd_per_kwh=np.full((2, 3), -1.0), weights=Weights(gamma=1.0))  # it earns by running
    for one in (split, paid):
        assert lower_bound(one, multipliers(one, 0.9, 0.9)) == lower_bound(one, Multipliers.nothing(one))


def test_prices_beyond_all_measure_stay_finite(whole: Instance) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for price in (1e308, -1e308):
            given = multipliers(whole, price, price)
            assert np.isfinite(lower_bound(whole, given))
            assert lower_bound(whole, given) <= exact_bound(whole, given)


def test_the_optimum_of_a_shipped_instance_is_proven() -> None:
    """Three and two do not fit into the clean four, which no price of capacity sees."""
    three_and_two = load_instance("tiny/unsplittable")
    assert bound(three_and_two)[0] == pytest.approx(0.6)
    given = replace(Multipliers.nothing(three_and_two), batches=np.array([[[0.6]], [[0.4]]]))
    assert lower_bound(three_and_two, given) == pytest.approx(0.7, rel=1e-12)
