"""The table of cloud regions: whole, sound, and the same as what the real series were made for."""

import csv
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from planner.data.cloud_regions import PROVIDERS, cloud_region, cloud_regions
from planner.errors import UsageError

# The two have been taken into larger zones since the file was made.
RENAMED = {"asia-south1": ("IN-MH", "IN-WE"), "asia-south2": ("IN-DL", "IN-NO")}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_regions_sorted_by_name_and_each_once(provider: str) -> None:
    names = [r.region for r in cloud_regions(provider)]
    assert len(names) > 30
    assert len(set(names)) == len(names)
    assert all(r.provider == provider for r in cloud_regions(provider))


def test_no_name_belongs_to_two_providers() -> None:
    names = [r.region for r in cloud_regions()]
    assert len(set(names)) == len(names) == sum(len(cloud_regions(p)) for p in PROVIDERS)


def test_zones_and_coordinates_are_such() -> None:
    for region in cloud_regions():
        assert re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]+){0,2}", region.zone), region
        assert -90 < region.latitude < 90, region
        assert -180 < region.longitude < 180, region
        assert region.place, region


def test_regions_in_one_place_draw_from_one_zone() -> None:
    zones: dict[tuple[float, float], set[str]] = {}
    for region in cloud_regions():
        zones.setdefault((region.latitude, region.longitude), set()).add(region.zone)
    assert all(len(found) == 1 for found in zones.values())


def test_known_regions() -> None:
    assert cloud_region("europe-west9").zone == "FR"
    assert cloud_region("eu-west-3").zone == "FR"
    assert cloud_region("francecentral").zone == "FR"
    assert cloud_region("us-east-1").zone == "US-MIDA-PJM"


def test_zones_with_grid_profiles_include_many_of_the_table() -> None:
    profiled = json.loads(files("planner.data").joinpath("grid_profiles.json").read_text())["zones"]
    assert len({r.zone for r in cloud_regions()} & set(profiled)) > 20


def test_google_regions_are_those_of_the_real_series(shared_data: Path) -> None:
    with (shared_data / "gcp_regions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 34
    for row in rows:
        found = cloud_region(row["gcp_region"])
        before, now = RENAMED.get(found.region, (row["em_zone"], row["em_zone"]))
        assert (row["em_zone"], found.zone) == (before, now)
        if (row["lat"], row["lon"]) != (str(found.latitude), str(found.longitude)):
            assert abs(float(row["lat"]) - found.latitude) + abs(float(row["lon"]) - found.longitude) < 0.02


def test_an_unknown_region_gets_a_hint() -> None:
    with pytest.raises(UsageError, match="no cloud region 'europe-west99': did you mean europe-west9"):
        cloud_region("europe-west99")
    with pytest.raises(UsageError, match="planner data regions"):
        cloud_region("zzzz")


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(UsageError, match="no provider 'ibm': there are gcp, aws, azure"):
        cloud_regions("ibm")
