"""On every shipped instance no plan that keeps the rules lies below a bound, nor below the best known plan."""

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest

from planner.cli.policy import every
from planner.data.build import build_recipe
from planner.data.recipe import load_recipe
from planner.domain.instance import Instance
from planner.domain.results import Bounds
from planner.io.instances import load_instance
from planner.io.library import shipped_instances, solutions_folder
from planner.io.plans import load_plan
from planner.registry import factory
from planner.replay.loop import replay
from planner.solve.oracle import solve
from planner.verify.bound import lower_bound
from planner.verify.judge import check

ROUNDING = 1e-6  # relative, as a gap is printed
SHIPPED = shipped_instances()
SMALL = [name for name in SHIPPED if name.startswith("tiny/")]
LARGE = [name for name in SHIPPED if not name.startswith("tiny/")]
RECIPES = Path(__file__).parents[2] / "instances" / "real"


def at_once(instance: Instance) -> list[str]:
    """The policies without a forecast: each is a table look-up."""
    return [s for s in every(instance) if factory("planner.policies", s.partition(":")[0]).regime == "none"]


def totals(instance: Instance, specs: Iterable[str]) -> dict[str, float]:
    """Objective of each policy whose plan breaks no hard rule."""
    judged = {spec: replay(instance, spec).verdict for spec in specs}
    return {spec: verdict.objective.total for spec, verdict in judged.items() if not verdict.violations}


def below(instance: Instance, totals: dict[str, float], least: float | None) -> dict[str, float]:
    """The plans that are better than `least`, which no plan may be."""
    assert least is not None, f"{instance.name}: nothing to hold the plans against"
    return {spec: total for spec, total in totals.items() if total < least - ROUNDING * abs(least)}


def stored(name: str, instance: Instance) -> tuple[Bounds, float]:
    """The solver's bound of the stored solution, the certified one that its multipliers give, and its plan's worth."""
    path = solutions_folder() / f"{name}.json.gz"
    if not path.exists():
        pytest.skip(f"no solution of {name} is stored (`planner verify-library --update`)")
    found = load_plan(path, instance)
    assert found.multipliers is not None
    bounds = Bounds(certified=lower_bound(instance, found.multipliers), solver=found.bounds.solver)
    return bounds, check(instance, found.plan).objective.total


def best_known(name: str) -> float:
    """The value in best-known.csv."""
    with (solutions_folder() / "best-known.csv").open(newline="", encoding="utf-8") as file:
        return next(float(row["value"]) for row in csv.DictReader(file) if row["instance"] == name)


def hold(name: str, instance: Instance, specs: list[str]) -> None:
    """No plan lies below a bound; one below the best known plan would have to be stored in its place."""
    bounds, value = stored(name, instance)
    plans = {"stored": value, **totals(instance, specs)}
    assert not below(instance, plans, bounds.certified)
    assert not below(instance, plans, bounds.solver)
    assert not below(instance, plans, best_known(name))


@pytest.mark.parametrize("name", SMALL)
def test_no_policy_beats_a_bound_or_the_best_known_plan(name: str) -> None:
    instance = load_instance(name)
    hold(name, instance, every(instance))


@pytest.mark.parametrize("name", LARGE)
def test_no_policy_without_forecast_does_either(name: str) -> None:
    instance = load_instance(name)
    hold(name, instance, at_once(instance))


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_nor_does_one_with_a_forecast(name: str) -> None:
    instance = load_instance(name)
    hold(name, instance, sorted({*every(instance)} - {*at_once(instance)}))


@pytest.mark.parametrize("name", LARGE)
def test_greedy_keeps_every_hard_rule(name: str) -> None:
    assert not replay(load_instance(name), "greedy").verdict.violations


@pytest.mark.slow
@pytest.mark.parametrize("name", ["six-zone-fortnight", "six-zone-fortnight-summer"])
def test_the_same_holds_on_real_series(name: str, shared_data: Path) -> None:
    instance = build_recipe(load_recipe(RECIPES / f"{name}.toml"), shared_data)
    best, plans = solve(instance, gap=1e-3, time_limit=60), totals(instance, every(instance))
    assert {"lowest-carbon", "greedy"} <= plans.keys()
    assert not below(instance, plans, best.bounds.certified)
    assert not below(instance, plans, best.bounds.solver)
    assert not below(instance, plans, best.objective.total)
