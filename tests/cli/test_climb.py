"""bound --climb: a certificate without a linear programme."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from planner.domain.instance import Instance
from planner.errors import Infeasible
from planner.io.instances import load_instance, save_instance
from tests.conftest import Ran

Planner = Callable[..., Ran]


@pytest.mark.parametrize("name", ["tiny/waiting", "tiny/slo-budget", "tiny/capacity-split", "jobs/mixed-day"])
def test_it_proves_nearly_what_the_linear_programme_does(planner: Planner, name: str, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.json"
    climbed = json.loads(planner("bound", name, "--climb", "--json", "-o", certificate).out)["bounds"]["certified"]
    exact = json.loads(planner("bound", name, "--json").out)["bounds"]["certified"]
    assert exact * (1 - 1e-3) <= climbed <= exact * (1 + 1e-9)
    checked = planner("check", name, certificate, "--json")
    assert checked.code == 0
    assert json.loads(checked.out)["bounds"]["certified"] == pytest.approx(climbed, rel=1e-12)


def test_a_batch_without_options_is_named(planner: Planner, tmp_path: Path) -> None:
    instance: Instance = load_instance("tiny/one-hour")
    nowhere = replace(instance.workloads[0], slo_ms=1e-3, slo_mode="hard", max_violation=0.0)
    save_instance(instance.replace(workloads=(nowhere, *instance.workloads[1:])), tmp_path / "nowhere.json")
    ran = planner("bound", tmp_path / "nowhere.json", "--climb")
    assert ran.code == Infeasible.exit_code
    assert nowhere.name in ran.err
