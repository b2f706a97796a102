"""Recipes whose carbon is imported and whose demand is a trace."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from planner.campaign.recipes import real_instance
from planner.data.build import build_recipe
from planner.data.demand.traces.formats import read_trace
from planner.data.demand.traces.options import TraceOptions
from planner.data.recipe import load_recipe
from planner.domain.instance import CarbonKind, Instance
from planner.errors import InvalidInput
from planner.io.library import find_recipe

RECIPE = find_recipe("real/united-states-2022")


@pytest.fixture(scope="module")
def year(shared_data: Path) -> Instance:
    return build_recipe(load_recipe(RECIPE), shared_data)


def test_carbon_is_imported_with_its_kind_its_source_and_its_repairs(year: Instance) -> None:
    assert year.carbon_kind == CarbonKind("average", "direct", "production")
    assert [r.grid_zone for r in year.regions] == ["BPAT", "CISO", "ERCO", "MISO", "PJM"]
    assert year.name == "real/united-states-2022"
    assert year.vintages is None
    assert any("U.S. EIA-930" in note and "public domain" in note for note in year.notes)
    # 22 hours of March, 1 of November, and 5 of October whose generation is 0.3 per cent of the usual.
    assert "Carbon intensity of PJM: missing: interpolated (28 periods)." in year.notes
    assert year.carbon_intensity_g_per_kwh[4].min() > 250


def test_demand_follows_the_trace_from_its_beginning(year: Instance, shared_data: Path) -> None:
    file = shared_data / "jobs_azure-100k_hourly.csv.gz"
    jobs = read_trace("jobs-hourly", [file], TraceOptions(jobs_as="tasks")).requests[0]
    offline = year.requests[3].sum(axis=0)
    np.testing.assert_allclose(offline, jobs / jobs.mean() * 70_000, atol=len(year.origins))
    images = year.requests[2].sum(axis=0)
    np.testing.assert_array_equal(images[:336], images[336:672])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('missing = "interpolate"', "", r"eia_us_ba.*: CISO, row 17628.*no value"),
        ("max_gap_hours = 22.0", "", r"eia_us_ba.*: PJM, row 54273.*22 periods.*at most 6 hours"),
        ('format = "eia"', 'format = "eia-931"', "/carbon/format: found 'eia-931'; expected one of electricity-maps"),
        ('format = "eia"', 'format = "uk"', r"eia_us_ba_2022.*no JSON|eia_us_ba_2022.*JSON"),
        ('zone = "PJM"', 'zone = "PJN"', r"eia_us_ba.*no 'PJN'; expected one of AZPS"),
        ("start = 2022-01-01", "start = 2022-01-02", "nothing for 2023-01-01"),
        ("hours = 8760", "hours = 24\ncolour = 1", "/colour"),
    ],
)
def test_what_does_not_fit_is_told(shared_data: Path, tmp_path: Path, old: str, new: str, told: str) -> None:
    text = RECIPE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        real_instance(load_recipe(path), shared_data)


def test_a_trace_without_a_request_in_the_hours_is_told(shared_data: Path, tmp_path: Path) -> None:
    for file in load_recipe(RECIPE).sources:
        (tmp_path / file.name).symlink_to(shared_data / file.name)
    quiet = tmp_path / "quiet.csv"
    quiet.write_text("trace,hour_index,jobs,cpu_hours\nazure-100k,0,0,0\nazure-100k,1,5,9\n", encoding="utf-8")
    recipe = load_recipe(RECIPE).model_copy(update={"hours": 1})
    digest = hashlib.sha256(quiet.read_bytes()).hexdigest()
    azure = recipe.traces["azure"].model_copy(update={"name": quiet.name, "sha256": digest})
    changed = recipe.model_copy(update={"traces": {**recipe.traces, "azure": azure}})
    with pytest.raises(InvalidInput, match=r"quiet\.csv: workload: found no request of 'azure-100k'"):
        build_recipe(changed, tmp_path)
