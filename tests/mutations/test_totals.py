"""(M11) and (M12): exceed what the whole horizon may take."""

import numpy as np
import pytest

from planner.domain.instance import Caps

NORTH = 0  # a pool of the fleet


def test_too_many_expected_violations(soft):
    assert soft.rules(soft.plan.replace(pool=np.array([0, 1, 1, 0, 0, 0]))) == ["M11"]  # 450 of 900 in one batch


def test_too_many_late_requests(soft):
    shifted = soft.plan.replace(share=np.array([0.9, 0.1, 0.7, 0.3, 1.0, 0.9]))
    assert soft.rules(shifted) == ["M11"]  # 300 late, 100 missed and some 50 violations, limit 400


def test_too_many_misses(soft):
    assert soft.rules(soft.row(5, share=0.7).replace(missed_share=np.array([0.3]))) == ["M11"]


@pytest.mark.parametrize("name", ["carbon_kg", "cost_usd", "energy_kwh"])
def test_a_cap_is_exceeded(fleet, name):
    good = getattr(fleet.verdict().objective, name)
    tight = fleet.instance.replace(caps=Caps(**{name: good * (1 + 1e-5)}))
    assert fleet.rules(instance=tight) == []
    assert fleet.rules(fleet.servers(("servers", NORTH, 3, 1), ("started", NORTH, 3, 1)), tight) == ["M12"]
