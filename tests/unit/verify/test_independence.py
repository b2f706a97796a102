"""The judge believes nothing that `domain.options` says: plans made with wrong options are found out."""

from dataclasses import replace

import numpy as np
import pytest

from planner.domain.instance import Instance
from planner.domain.options import options
from planner.domain.plan import Plan
from planner.domain.results import Objective
from planner.verify.judge import check


def planned(instance: Instance) -> tuple[Plan, Objective]:
    """Every batch by its cheapest route at once, and the objective that the options promise for it."""
    table, b = options(instance), instance.batches()
    price = np.where(table.routes.feasible[b.origin], table.request.price[:, b.release].T, np.inf)
    route = price.argmin(axis=1)
    columns = np.arange(len(b)), table.routes.pool[route], table.routes.variant[route], b.release, np.ones(len(b))
    plan = Plan(*columns, missed_batch=np.zeros(0, np.int64), missed_share=np.zeros(0))
    carbon = float((table.request.carbon[route, b.release] * b.requests).sum())
    energy = float((table.request.energy[route, b.release] * b.requests).sum())
    true = check(instance, plan).objective
    return plan, replace(true, total=carbon, carbon_kg=carbon, energy_kwh=energy, parts={**true.parts, "O1": carbon})


def test_right_options_pass(instance: Instance) -> None:
    plan, promised = planned(instance)
    assert check(instance, plan, claimed=promised).violations == ()


def test_a_wrong_pue_is_found(instance: Instance) -> None:
    wrong = instance.replace(regions=(instance.regions[0], replace(instance.regions[1], pue=1.01)))
    plan, promised = planned(wrong)
    found = check(instance, plan, claimed=promised).violations
    assert {v.rule for v in found} == {"O1", "objective"}


def test_a_wrong_carbon_intensity_is_found(instance: Instance) -> None:
    wrong = instance.replace(carbon_intensity_g_per_kwh=instance.carbon_intensity_g_per_kwh + 1e-3)
    plan, promised = planned(wrong)
    assert {v.rule for v in check(instance, plan, claimed=promised).violations} == {"O1", "objective"}


@pytest.mark.parametrize("true", [{"allowed_regions": ("a",)}, {"slo_ms": 60.0}, {"max_violation": 0.0}])
def test_a_wrong_residency_or_slo_is_found(instance: Instance, true: dict[str, object]) -> None:
    strict = instance.replace(workloads=(replace(instance.workloads[0], **true),))
    plan, _ = planned(instance)  # as if the options had missed the rule
    found = check(strict, plan).violations
    assert found
    assert {v.rule for v in found} == {"M0"}


def test_a_hard_slo_within_the_error_of_two_methods_is_kept(instance: Instance) -> None:
    plan, _ = planned(instance)
    exact = float(options(instance).routes.violation[0, 1])
    for limit, rules in ((exact - 1e-9, set()), (exact - 1e-6, {"M0"})):
        work = replace(instance.workloads[0], max_violation=limit)
        assert {v.rule for v in check(instance.replace(workloads=(work,)), plan).violations} == rules
