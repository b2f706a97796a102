"""(O1)-(O7), totals, bound and multipliers: claim what is not so."""

from dataclasses import fields, replace

import numpy as np
import pytest

from planner.domain.results import Cut, Multipliers, Objective

PARTS = ["O1", "O2", "O4", "O5", "O6", "O7"]
TOTALS = [f.name for f in fields(Objective) if f.name != "parts"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-8, np.nan, -1])
def test_a_tampered_part(fleet, part, factor):
    true = fleet.verdict().objective
    claimed = replace(true, parts={**true.parts, part: true.parts[part] * factor})
    assert [v.rule for v in fleet.verdict(claimed=claimed).violations] == [part]


@pytest.mark.parametrize("name", TOTALS)
def test_a_tampered_total(soft, name):
    true = soft.verdict().objective
    claimed = replace(true, **{name: getattr(true, name) * (1 + 1e-7) + 1e-12})
    (found,) = soft.verdict(claimed=claimed).violations
    assert (found.rule, found.where) == ("objective", name)


def test_a_part_left_out_or_made_up(fleet):
    true = fleet.verdict().objective
    short = replace(true, parts={k: v for k, v in true.parts.items() if k != "O2"})
    assert fleet.rules(claimed=short) == ["O2"]
    assert fleet.rules(claimed=replace(true, parts={**true.parts, "O3": 1.0})) == ["O3"]
    assert fleet.rules(claimed=replace(true, parts={**true.parts, "O3": 0.0})) == []


def test_true_claims_pass_also_when_rounded(fleet):
    true = fleet.verdict().objective
    assert fleet.rules(claimed=true) == []
    assert fleet.rules(claimed=replace(true, total=true.total * (1 + 5e-10))) == []


def zero(case, **changes):
    instance = case.instance
    capacity, slo = np.zeros(instance.servers.shape), np.zeros(len(instance.workloads))
    return Multipliers(**{"capacity": capacity, "slo": slo, "fleet": None, **changes})


def some(case):
    capacity = np.full(case.instance.servers.shape, 1e-6)
    return zero(case, capacity=capacity, fleet=np.full(case.instance.periods, 1e-4), caps={"carbon_kg": 1e-3})


def test_a_true_bound_passes_and_a_raised_one_does_not(fleet):
    verdict = fleet.verdict(multipliers=some(fleet))
    assert 0 < verdict.bound < verdict.objective.total
    assert fleet.rules(multipliers=some(fleet), bound=verdict.bound) == []
    assert fleet.rules(multipliers=some(fleet), bound=verdict.bound * (1 - 0.1)) == []
    assert fleet.rules(multipliers=some(fleet), bound=verdict.bound * (1 + 1e-8)) == ["bound"]


def test_a_bound_that_nothing_proves(fleet):
    assert fleet.rules(bound=0.0) == ["bound"]
    assert fleet.rules(multipliers=some(fleet), bound=np.nan) == ["bound"]


def test_a_multiplier_on_an_unlimited_pool_proves_no_bound(soft):
    assert soft.verdict(multipliers=some(soft)).bound == -np.inf
    assert soft.rules(multipliers=some(soft), bound=0.0) == ["bound"]


def bad_multipliers(case):
    pools, periods = case.instance.servers.shape
    negative, missing = np.zeros((pools, periods)), np.zeros(periods)
    negative[0, 0], missing[1] = -1e-9, np.nan
    good = Cut((0,), 0, 1, 0.5)
    unknown, endless = (np.zeros(case.instance.requests.shape) for _ in range(2))
    unknown[2, 0, 0], endless[0, 0, 3] = np.nan, -np.inf
    return {
        "negative": zero(case, capacity=negative),
        "not a number": zero(case, fleet=missing),
        "infinite": zero(case, slo=np.array([0, 0, np.inf])),
        "capacity shape": zero(case, capacity=np.zeros((periods, pools))),
        "slo shape": zero(case, slo=np.zeros(7)),
        "fleet shape": zero(case, fleet=np.zeros(2)),
        "negative cap": zero(case, caps={"carbon_kg": -1.0}),
        "unknown cap": zero(case, caps={"water": 1.0}),
        "negative cut": zero(case, cuts=(replace(good, multiplier=-1.0),)),
        "cut of no region": zero(case, cuts=(good, replace(good, regions=(0, 2)))),
        "cut outside the horizon": zero(case, cuts=(replace(good, last=periods),)),
        "cut backwards": zero(case, cuts=(replace(good, first=2),)),
        "batches shape": zero(case, batches=np.zeros((3, 4))),
        "batch without a price": zero(case, batches=unknown),
        "batch of endless price": zero(case, batches=endless),
    }


@pytest.mark.parametrize("kind", range(15))
def test_multipliers_that_prove_nothing(fleet, kind):
    name, multipliers = list(bad_multipliers(fleet).items())[kind]
    verdict = fleet.verdict(multipliers=multipliers, bound=1e9)
    assert [v.rule for v in verdict.violations] == ["multiplier"], name
    assert verdict.bound is None


def test_prices_of_batches_have_any_sign(fleet):
    batches = np.full(fleet.instance.requests.shape, -0.5)
    verdict = fleet.verdict(multipliers=zero(fleet, batches=batches))
    assert verdict.violations == ()
    assert verdict.bound < 0


def test_what_is_wrong_with_a_price_of_a_batch_is_told(fleet):
    (found,) = fleet.verdict(multipliers=bad_multipliers(fleet)["batch without a price"]).violations
    assert (found.where, found.message) == ("batches [2, 0, 0]", "nan is not finite")
