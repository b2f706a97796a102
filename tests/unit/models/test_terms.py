"""Each constraint family adds the rows its rule states, and none where the instance has no such rule."""

from dataclasses import replace

import numpy as np
import pytest

from models.formulations import Auto, Backlog, TimeIndexed
from planner.data.five_region_tight import five_region_week_tight
from planner.data.slicing import slice_periods
from planner.domain.instance import Caps, HourMapRule, Instance, Weights
from planner.domain.options import options
from planner.domain.results import Multipliers
from planner.errors import UsageError


@pytest.fixture(scope="module")
def hours() -> Instance:
    """Six hours of the tight week: 5 pools, so 30 pool-hours."""
    return slice_periods(five_region_week_tight(), 0, 6)


def rows(instance: Instance) -> dict[str, int]:
    """Rows by constraint family."""
    model = Auto().build(options(instance)).model
    from pyomo.environ import Constraint

    return {c.name: len(c) for c in model.component_objects(Constraint)}


def test_plain_provisioning_has_service_capacity_and_starts(hours: Instance) -> None:
    assert set(rows(hours)) == {"M1_backlog", "M2", "M4"}
    assert rows(hours)["M2"] == rows(hours)["M4"] == 30


def test_without_provisioning_servers_are_no_columns(hours: Instance) -> None:
    given = hours.replace(provisioning=False)
    assert set(rows(given)) == {"M1_backlog", "M2"}
    assert len(Auto().build(options(given)).integer) == 0


def test_an_unlimited_pool_has_no_capacity_row(hours: Instance) -> None:
    servers = hours.servers.copy()
    servers[0] = np.inf
    assert rows(hours.replace(provisioning=False, servers=servers))["M2"] == 24


@pytest.mark.parametrize(
    ("family", "change"),
    [
        ("M3b", {"fleet_limit": np.full(6, 90.0)}),
        ("M12_carbon_kg", {"caps": Caps(carbon_kg=1e6)}),
        ("M12_cost_usd", {"caps": Caps(cost_usd=1.0), "weights": Weights(gamma=1.0, carbon_price_usd_per_kg=0.1)}),
        ("M12_energy_kwh", {"caps": Caps(energy_kwh=1e6)}),
        ("M10_switches", {"hour_map": HourMapRule(max_switches=1)}),
        ("M10_dwell", {"hour_map": HourMapRule(min_dwell_periods=2)}),
    ],
)
def test_a_rule_of_the_instance_is_a_family(hours: Instance, family: str, change: dict[str, object]) -> None:
    assert family not in rows(hours)
    assert family in rows(hours.replace(**change))


def test_minimum_uptime_and_budgets_are_families_too(hours: Instance) -> None:
    pools = tuple(replace(p, min_uptime_periods=3) for p in hours.pools)
    assert rows(hours.replace(pools=pools))["M5"] == 30
    budget = replace(hours.workloads[0], slo_mode="budget", slo_budget=0.1)
    assert rows(hours.replace(workloads=(budget, *hours.workloads[1:])))["M11"] == 1


def test_backlog_needs_far_fewer_columns_than_options(hours: Instance) -> None:
    flowing, indexed = Auto().build(options(hours)), TimeIndexed().build(options(hours))
    assert (flowing.shape, indexed.shape) == ("backlog", "time-indexed")
    assert len(flowing.columns) < len(indexed.columns)
    assert len(indexed.draft.numbers["x"]) == options(hours).count()


def test_lateness_and_whole_batches_are_time_indexed(hours: Instance) -> None:
    assert Auto().build(options(hours.replace(grace_periods=1))).shape == "time-indexed"
    whole = replace(hours.workloads[0], splittable=False)
    with pytest.raises(UsageError, match="cannot hold bert_base"):
        Backlog().build(options(hours.replace(workloads=(whole, *hours.workloads[1:]))))
    mixed = Auto().build(options(hours.replace(workloads=(whole, *hours.workloads[1:]))))
    assert mixed.shape == "time-indexed+backlog"


def test_multipliers_are_the_negative_duals_of_upper_rows(hours: Instance) -> None:
    built = Auto().build(options(hours))
    keys = np.arange(30)
    found: Multipliers = built.multipliers({"M2": (keys, np.where(keys % 2, -2520.0, 5.0))}, ())
    assert found.capacity.ravel().tolist() == pytest.approx([float(k % 2) for k in keys])
