"""Bounds that keep (M2) for whole batches: below the optimum at any prices, and as without at the least ones."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planner.domain.instance import Floats, Instance
from planner.domain.results import Multipliers
from planner.errors import Infeasible
from planner.solve.oracle import solve
from planner.testing.strategies import instances
from planner.verify.bound import lower_bound
from planner.verify.exact_bound import exact_bound
from planner.verify.exact_charges import Charges
from planner.verify.exact_units import open_periods
from planner.verify.site import survey

quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
SEEDS = st.integers(0, 2**32 - 1)
whole = instances(unsplittable=True, jobs=False, max_periods=4).map(
    lambda instance: instance.replace(workloads=tuple(replace(w, splittable=False) for w in instance.workloads))
)
mixed = instances(unsplittable=True, max_periods=4)


def random_multipliers(instance: Instance, seed: int) -> Multipliers:
    draw = np.random.default_rng(seed)
    finite = np.isfinite(instance.servers)
    return Multipliers(
        capacity=draw.random(instance.servers.shape) * draw.choice([0.0, 1e-6, 1e-4]) * finite,
        slo=draw.random(len(instance.workloads)) * draw.choice([0.0, 0.1]),
        fleet=draw.random(instance.periods) * 1e-2,
        caps={"carbon_kg": 0.1 * draw.random()},
        batches=draw.uniform(-0.05, draw.choice([0.1, 0.5, 2.0]), instance.requests.shape),
    )


def least_costs(instance: Instance, multipliers: Multipliers) -> Floats:
    """(W,O,T) what each count batch pays at least at the other multipliers; all have an option or may be missed."""
    site = survey(instance)
    charges, costs = Charges(site, multipliers), np.zeros(instance.requests.shape)
    for b in np.flatnonzero(site.batches.job < 0).tolist():
        w, o, release = (
            int(column[b]) for column in (site.batches.workload, site.batches.origin, site.batches.release)
        )
        routes, deadline = list(charges.units.routes(w, o)), int(site.batches.deadline[b])
        served = [charges.request(r, t, max(t - deadline, 0)) for r in routes for t in open_periods(site, b)]
        costs[w, o, release] = float(min([*served, *charges.miss(w)]) * int(site.batches.requests[b]))
    return costs


@settings(quick, max_examples=120)
@given(mixed, SEEDS)
def test_it_is_at_most_the_exact_one(instance: Instance, seed: int) -> None:
    multipliers = random_multipliers(instance, seed)
    assert lower_bound(instance, multipliers) <= exact_bound(instance, multipliers)


@settings(quick, max_examples=60)
@given(st.one_of(whole, mixed), SEEDS)
def test_it_is_below_the_optimum(instance: Instance, seed: int) -> None:
    try:
        result = solve(instance, gap=1e-9)
    except Infeasible:
        assume(False)
    total, slack = result.objective.total, 1e-7 * max(1.0, abs(result.objective.total))
    assert lower_bound(instance, random_multipliers(instance, seed)) <= total + slack
    assert result.multipliers is not None
    draw = np.random.default_rng(seed)
    least = least_costs(instance, result.multipliers)
    for factor in (1.0, draw.uniform(0.9, 1.2, least.shape), draw.uniform(0, 3, least.shape)):
        priced = replace(result.multipliers, batches=least * factor)
        assert lower_bound(instance, priced) <= total + slack


@settings(quick, max_examples=60)
@given(st.one_of(whole, mixed), SEEDS)
def test_at_the_least_costs_it_is_what_it_is_without_prices(instance: Instance, seed: int) -> None:
    """Nothing is then earned in any cell: whatever fits, the bound is no worse than without."""
    plain = replace(random_multipliers(instance, seed), batches=None)
    without = exact_bound(instance, plain)
    assume(isinstance(without, Fraction))
    priced = replace(plain, batches=least_costs(instance, plain))
    assert float(exact_bound(instance, priced)) == pytest.approx(float(without), rel=1e-12, abs=1e-12)
    assert lower_bound(instance, priced) == pytest.approx(lower_bound(instance, plain), rel=1e-11, abs=1e-11)
