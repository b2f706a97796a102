"""Before anything is broken: the judge finds nothing wrong, and the figures are those of a hand calculation."""

import pytest


@pytest.mark.parametrize("name", ["fleet", "soft", "mapped"])
def test_good_plans_are_accepted(name, request):
    assert request.getfixturevalue(name).rules() == []


def test_the_parts_of_the_fleet(fleet):
    found = fleet.verdict().objective
    dynamic = [1500 * 900 + 50 * 100, 1500 * 900, 400 * 100 + 50 * 100 + 50 * 100, 50 * 100]  # J at north, by hour
    north = sum(j / 3.6e6 * 1.1 * ci for j, ci in zip(dynamic, [30, 25, 20, 28], strict=True)) / 1e3
    assert found.parts["O1"] == pytest.approx(north + 2000 * 500 / 3.6e6 * 1.3 * 350 / 1e3, rel=1e-12)
    idle = 0.05 * 2 * 1.1 * (30 + 25 + 20 + 28) + (0.06 + 2 * 0.08) * 1.3 * (400 + 350 + 300 + 380)
    assert found.parts["O2"] == pytest.approx((idle + 2 * 0.025 * 1.3 * 400) / 1e3, rel=1e-12)
    assert found.parts["O4"] == pytest.approx(2000 * 5e-3 * 0.01 * 350 / 1e3, rel=1e-12)
    assert found.parts["O5"] == pytest.approx(4 * (2 * 10 + 12 + 2 * 5) / 1e3, rel=1e-12)
    energy = sum(dynamic) / 3.6e6 * 1.1 + 4 * 0.1 * 1.1
    south = 2000 * 500 / 3.6e6 * 1.3 + 4 * 0.22 * 1.3 + 0.05 * 1.3
    assert found.energy_kwh == pytest.approx(energy + south, rel=1e-12)
    rent = 4 * (2 * 0.5 + 0.6 + 2 * 0.2)
    assert found.parts["O7"] == pytest.approx(0.05 * energy + 0.3 * south + rent + 0.08 * found.carbon_kg, rel=1e-12)
    assert found.total == pytest.approx(found.carbon_kg + 0.5 * found.parts["O6"] + 0.1 * found.cost_usd, rel=1e-12)
    assert found.sci_g_per_request == pytest.approx(found.carbon_kg * 1e3 / 5600, rel=1e-12)


def test_lateness_and_misses_of_the_soft_plan(soft):
    found = soft.verdict().objective
    assert (found.requests, found.missed, found.late) == (4000, pytest.approx(100), pytest.approx(100))
    assert found.sla == pytest.approx(0.01 * 100 * 0.5 + 0.02 * 100, rel=1e-12)  # half an hour late
    assert found.slo_violations == pytest.approx(50, rel=0.2)  # half of the hundred that go far
    assert found.sci_g_per_request == pytest.approx(1e3 * found.carbon_kg / 3900, rel=1e-12)
