"""The smoothed dual against the judge's own Lagrangian and against finite differences."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from planner.bounds.dual import SmoothedDual
from planner.bounds.soft import log_sum, window_log_sum
from planner.bounds.vector import completed, from_vector, to_vector
from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.results import Cut, Multipliers
from planner.testing.strategies import instances
from planner.verify.bound import lower_bound
from planner.verify.cuts import right_hand_sides
from planner.verify.site import survey

COLD, WARM = 1e-13, 0.3
draws = st.integers(0, 2**32).map(np.random.default_rng)


def drawn_prices(instance: Instance, draw: np.random.Generator) -> Multipliers:
    """Prices of everything, some 0, of the order of what they are at an optimum."""
    shape, workloads = instance.servers.shape, len(instance.workloads)
    capacity = draw.exponential(10.0 ** draw.integers(-6, -2), shape) * (draw.uniform(size=shape) < 0.7)
    return Multipliers(
        capacity=np.where(np.isfinite(instance.servers), capacity, 0.0),
        slo=draw.exponential(0.02, workloads),
        fleet=draw.exponential(0.01, instance.periods),
        caps={name: float(draw.exponential(0.5)) for name in ("carbon_kg", "energy_kwh", "cost_usd")},
    )


def size_of(dual: SmoothedDual, prices: Multipliers) -> float:
    """What cancels in the value."""
    return float(np.abs(to_vector(prices) * to_vector(dual.limits)).sum())


def by_a_hair(instance: Instance) -> bool:
    """The judge forgives a hard SLO a probability of 1e-8, the options do not."""
    violation = options(instance).routes.violation
    return bool(((violation > 0) & (violation <= 1e-8)).any())


@settings(max_examples=100, deadline=None)
@given(instances(), draws)
def test_without_heat_it_is_the_lagrangian_of_the_judge(instance: Instance, draw: np.random.Generator) -> None:
    dual = SmoothedDual(instance)
    prices = completed(drawn_prices(instance, draw), dual.limits)
    bound = lower_bound(instance, prices)
    assume(np.isfinite(bound) and not by_a_hair(instance))
    value, _ = dual(prices, COLD)
    assert abs(value - bound) <= 1e-9 * (abs(bound) + size_of(dual, prices)) + 1e-11


@settings(max_examples=40, deadline=None)
@given(instances(jobs=False), draws)
def test_heat_only_lowers_it(instance: Instance, draw: np.random.Generator) -> None:
    dual = SmoothedDual(instance)
    prices = completed(drawn_prices(instance, draw), dual.limits)
    bound = lower_bound(instance, prices)
    assume(np.isfinite(bound) and not by_a_hair(instance))
    hot, warm = (dual(prices, temperature)[0] for temperature in (WARM, WARM / 10))
    noise = 1e-12 * (abs(bound) + size_of(dual, prices) + 1)
    assert hot <= warm + noise
    assert warm <= bound + noise


@settings(max_examples=80, deadline=None)
@given(instances(jobs=False), draws)
def test_the_gradient_is_the_slope(instance: Instance, draw: np.random.Generator) -> None:
    dual = SmoothedDual(instance)
    prices = completed(drawn_prices(instance, draw), dual.limits)
    assume(np.isfinite(lower_bound(instance, prices)))
    at = to_vector(prices)
    way = draw.standard_normal(len(at)) * at
    ahead, behind = (dual(from_vector(at + step * way, prices), WARM)[0] for step in (1e-5, -1e-5))
    terms = to_vector(dual(prices, WARM)[1]) * way
    noise = 1e-15 * (abs(ahead) + size_of(dual, prices)) / 1e-5
    assert abs((ahead - behind) / 2e-5 - terms.sum()) <= 1e-5 * np.abs(terms).sum() + 10 * noise


def test_cuts_earn_servers_their_price(tight_day: Instance) -> None:
    cuts = (Cut((0,), 2, 9, 0.05), Cut((0, 1), 5, 20, 0.01))
    nothing = Multipliers(np.zeros(tight_day.servers.shape), np.zeros(len(tight_day.workloads)), cuts=cuts)
    demanded = [0.05, 0.01] @ np.array(list(right_hand_sides(survey(tight_day), cuts)))
    value, gradient = SmoothedDual(tight_day, cuts)(completed(nothing, SmoothedDual(tight_day).limits), COLD)
    assert demanded > 0
    assert abs(value + demanded - lower_bound(tight_day, nothing)) <= 1e-9 * abs(value + demanded)
    assert gradient.cuts == cuts


def test_a_vector_keeps_every_price(tight_day: Instance) -> None:
    given_ = replace(drawn_prices(tight_day, np.random.default_rng(0)), cuts=(Cut((0,), 0, 1, 2.0),))
    back = from_vector(2 * to_vector(given_), given_)
    assert (back.capacity == 2 * given_.capacity).all()
    assert (back.slo == 2 * given_.slo).all()
    assert (back.fleet == 2 * given_.fleet).all()  # type: ignore[operator]
    assert back.caps == {name: 2 * nu for name, nu in given_.caps.items()}
    assert back.cuts == given_.cuts


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-700, 700), min_size=1, max_size=20), st.integers(1, 30))
def test_windows_by_doubling(scores: list[float], width: int) -> None:
    plain = [np.logaddexp.reduce(scores[t : t + width]) for t in range(len(scores))]
    np.testing.assert_allclose(window_log_sum(np.array(scores), width), plain, rtol=1e-12, atol=1e-12)


def test_nothing_has_no_weight() -> None:
    total, share = log_sum(np.zeros((0, 3)))
    assert (np.exp(total) == 0).all()
    assert (window_log_sum(np.array([-np.inf, 0.0, -np.inf]), 2)[:2] == 0).all()
    assert share.shape == (0, 3)
