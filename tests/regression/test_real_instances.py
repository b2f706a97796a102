"""A real instance with a naive demand and fleet is trivial; these must not be (and must be solved in a minute)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner.data.build import build_recipe
from planner.data.recipe import load_recipe
from planner.data.slicing import slice_periods
from planner.domain.instance import HourMapRule, Instance
from planner.domain.options import options
from planner.domain.results import SolveResult
from planner.errors import Infeasible
from planner.maps.scenario_b import lowest_carbon_map
from planner.maps.summary import summarise
from planner.metrics.gaps import relative_gap
from planner.replay.loop import replay
from planner.solve.oracle import bound, solve

RECIPES = Path(__file__).parents[2] / "instances" / "real"
FORTNIGHT = 336
FEBRUARY = 36 * 24  # the 6th, of an instance of a year
OF_INFERENCE = ["six-zone-fortnight", "six-zone-fortnight-summer", "twelve-zone-2023"]
for_inference = pytest.mark.parametrize("instance", OF_INFERENCE, indirect=True, scope="module")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=[*OF_INFERENCE, "batch-2023", "united-states-2022"])
def instance(request: pytest.FixtureRequest, shared_data: Path) -> Instance:
    built = build_recipe(load_recipe(RECIPES / f"{request.param}.toml"), shared_data)
    return slice_periods(built, FEBRUARY if built.periods > FORTNIGHT else 0, FORTNIGHT)


@pytest.fixture(scope="module")
def solved(instance: Instance) -> SolveResult:
    return solve(instance, gap=1e-3, time_limit=60)


def test_whole_servers_are_solved_to_a_thousandth(solved: SolveResult) -> None:
    gap = relative_gap(solved.objective.total, solved.bounds.best)
    assert gap is not None
    assert gap <= 1e-3


def test_capacity_has_a_price_in_many_pool_hours(solved: SolveResult) -> None:
    price = solved.multipliers.capacity
    assert (price > 1e-9 * price.max()).mean() >= 0.15


def test_fleets_are_used_up_in_many_pool_hours(instance: Instance, solved: SolveResult) -> None:
    assert (solved.plan.servers >= instance.servers).mean() >= 0.15


@for_inference
def test_whole_servers_matter(
    instance: Instance, solved: SolveResult, relaxed_optimum: Callable[[Instance], float]
) -> None:
    assert solved.bounds.best >= 1.002 * relaxed_optimum(instance)


def test_no_region_serves_most_of_the_work(instance: Instance, solved: SolveResult) -> None:
    plan, batches = solved.plan, instance.batches()
    routes = options(instance).routes
    seconds = dict(zip(zip(routes.workload, routes.pool, strict=True), routes.server_seconds, strict=True))
    of_one = np.array([seconds[w, p] for w, p in zip(batches.workload[plan.batch], plan.pool, strict=True)])
    work = batches.requests[plan.batch] * plan.share * of_one
    by_region = np.bincount(instance.pool_region[plan.pool], work)
    assert by_region.max() <= 0.6 * by_region.sum()


def test_serving_at_once_where_it_is_cleanest_is_no_answer(instance: Instance, solved: SolveResult) -> None:
    replayed = replay(instance, "lowest-carbon").verdict
    assert not replayed.violations
    assert replayed.objective.total >= 1.05 * solved.objective.total


@for_inference
def test_latency_objectives_and_residency_matter(
    instance: Instance, relaxed_optimum: Callable[[Instance], float]
) -> None:
    optimum = relaxed_optimum(instance)
    patient = tuple(replace(w, slo_ms=None) for w in instance.workloads)
    free = tuple(replace(w, allowed_regions=None) for w in instance.workloads)
    assert relaxed_optimum(instance.replace(workloads=patient)) <= 0.99 * optimum
    assert relaxed_optimum(instance.replace(workloads=free)) <= 0.99 * optimum


@for_inference
def test_one_region_may_serve_everything_in_every_hour_and_which_changes(instance: Instance) -> None:
    whole = summarise(instance, lowest_carbon_map(instance))
    each = summarise(instance, lowest_carbon_map(instance, HourMapRule(per_workload=True)))
    assert whole[0].switches > 0
    assert whole[0].periods.max() <= 0.75 * instance.periods
    assert min(s.carbon_intensity for s in each) <= 0.97 * whole[0].carbon_intensity


@for_inference
def test_waiting_matters(
    instance: Instance, solved: SolveResult, without_waiting: Callable[[Instance], Instance]
) -> None:
    assert bound(without_waiting(instance))[0] >= 1.03 * solved.objective.total


@pytest.mark.parametrize("instance", ["batch-2023"], indirect=True, scope="module")
def test_batch_jobs_gain_by_waiting_and_lose_by_staying(
    instance: Instance,
    solved: SolveResult,
    relaxed_optimum: Callable[[Instance], float],
    without_waiting: Callable[[Instance], Instance],
) -> None:
    free = tuple(replace(w, allowed_regions=None) for w in instance.workloads)
    assert relaxed_optimum(instance.replace(workloads=free)) <= 0.9 * relaxed_optimum(instance)
    assert bound(without_waiting(instance))[0] >= 1.1 * solved.objective.total


@pytest.mark.parametrize("instance", ["united-states-2022"], indirect=True, scope="module")
def test_users_on_both_coasts_need_regions_near_them(
    instance: Instance, relaxed_optimum: Callable[[Instance], float]
) -> None:
    patient = tuple(replace(w, slo_ms=None) for w in instance.workloads)
    assert relaxed_optimum(instance.replace(workloads=patient)) <= 0.99 * relaxed_optimum(instance)
    with pytest.raises(Infeasible, match="no region may serve all"):
        lowest_carbon_map(instance)
