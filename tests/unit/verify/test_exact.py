"""Rational numbers against floats, on every shipped instance that is small enough for them."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.results import Multipliers
from planner.io.instances import load_instance
from planner.io.library import shipped_instances, solutions_folder
from planner.io.plans import StoredPlan, load_plan
from planner.solve.oracle import bound
from planner.verify.bound import lower_bound
from planner.verify.exact import count_options, exact_objective
from planner.verify.exact_bound import exact_bound
from planner.verify.judge import check

TINY = [name for name in shipped_instances() if name.startswith("tiny/")]


def stored(name: str) -> tuple[Instance, StoredPlan]:
    instance = load_instance(name)
    return instance, load_plan(solutions_folder() / f"{name}.json.gz", instance)


@pytest.mark.parametrize("name", TINY)
def test_shipped_plans_have_the_objective_that_they_claim(name: str) -> None:
    instance, solution = stored(name)
    exact = exact_objective(instance, solution.plan)
    assert check(instance, solution.plan).objective.total == pytest.approx(float(exact), rel=1e-12)
    assert solution.objective is not None
    assert solution.objective.total == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("name", TINY)
def test_shipped_certificates_prove_hardly_more_than_is_printed(name: str) -> None:
    instance, solution = stored(name)
    for multipliers in (solution.multipliers, bound(instance)[1]):
        assert multipliers is not None
        found, exact = lower_bound(instance, multipliers), exact_bound(instance, multipliers)
        assert Fraction(found) <= exact <= Fraction(found) + Fraction(1e-9) * abs(exact)


def test_options_are_counted_as_the_model_has_them() -> None:
    for name in (*TINY, "jobs/mixed-day"):
        instance = load_instance(name)
        if not any(j.length > 1 for j in instance.jobs):
            assert count_options(instance) == options(instance).count()


def test_infinite_bounds_are_infinite_here_too(instance: Instance) -> None:
    zero = Multipliers(np.zeros((2, 3)), np.zeros(1))
    priced = replace(zero, capacity=np.full((2, 3), 1e-3))
    assert exact_bound(instance.replace(rtt_ms=np.full((2, 2), 90.0)), zero) == np.inf
    assert exact_bound(instance, priced) == -np.inf  # servers without limit
    assert exact_bound(instance.replace(provisioning=True), replace(priced, capacity=np.ones((2, 3)))) == -np.inf
    assert exact_bound(instance, zero) == Fraction(2 * (40 + 50 + 60), 1000)


def test_a_fleet_multiplier_counts_where_there_is_a_limit(instance: Instance) -> None:
    limited = instance.replace(provisioning=True, servers=np.full((2, 3), 4.0), fleet_limit=np.full(3, 2.0))
    given = Multipliers(np.full((2, 3), 1e-5), np.zeros(1), fleet=np.full(3, 1e-2))
    found, exact = lower_bound(limited, given), exact_bound(limited, given)
    assert found == pytest.approx(float(exact), rel=1e-12)
    assert exact > exact_bound(limited.replace(fleet_limit=None), given)
