import shutil
from pathlib import Path

import numpy as np
import pytest

from planner.campaign.recipes import real_instance
from planner.data.build import build_recipe
from planner.data.recipe import load_recipe
from planner.data.slicing import slice_periods
from planner.domain.instance import Instance
from planner.errors import InvalidInput
from planner.io.instances import instance_from_document, instance_sha256, instance_to_document

RECIPES = Path(__file__).parents[3] / "instances" / "real"
NAMES = sorted(p.stem for p in RECIPES.glob("*.toml"))
OF_INFERENCE = ["six-zone-fortnight", "six-zone-fortnight-summer", "twelve-zone-2023"]


def built(name: str, folder: Path) -> Instance:
    return build_recipe(load_recipe(RECIPES / f"{name}.toml"), folder)


@pytest.fixture(scope="module")
def winter(shared_data: Path) -> Instance:
    return built("six-zone-fortnight", shared_data)


def test_five_recipes_are_shipped() -> None:
    assert ["batch-2023", *OF_INFERENCE, "united-states-2022"] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_builds_the_instance_that_it_states(name: str, shared_data: Path) -> None:
    recipe = load_recipe(RECIPES / f"{name}.toml")
    assert recipe.instance == instance_sha256(real_instance(recipe, shared_data))


def test_another_instance_than_stated_is_refused(shared_data: Path, tmp_path: Path) -> None:
    text = (RECIPES / "six-zone-fortnight.toml").read_text(encoding="utf-8")
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace("servers = 40", "servers = 41"), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"real/six-zone-fortnight: /instance: .*72f06d11d740.*its own, or none"):
        real_instance(load_recipe(path), shared_data)


@pytest.mark.parametrize("name", OF_INFERENCE)
def test_recipe_states_what_the_instances_must_have(name: str) -> None:
    recipe = load_recipe(RECIPES / f"{name}.toml")
    assert {0, 3, 12, 24} <= {w.slack_hours for w in recipe.workloads}
    assert all(10 <= r.servers <= 40 for r in recipe.regions)
    assert recipe.hardware.startup_wh > 0
    assert any(w.slo_ms for w in recipe.workloads)
    assert any(w.allowed_regions for w in recipe.workloads)
    assert sum(o.share for o in recipe.origins) == pytest.approx(1)
    assert all(5 <= o.access_ms <= 20 for o in recipe.origins)
    assert any("Electricity Maps (electricitymaps.com), Open Database License 1.0" in n for n in recipe.notes)


def test_built_instance_is_valid_and_holds_the_series(winter: Instance, shared_data: Path) -> None:
    instance_from_document(instance_to_document(winter))
    assert winter.periods == 336
    # The first two hours of California and Germany, as the downloaded file prints them.
    assert winter.carbon_intensity_g_per_kwh[0, :2].tolist() == [165.8, 208.8]
    assert winter.carbon_intensity_g_per_kwh[3, :2].tolist() == [552.1, 559.1]
    assert winter.vintages.issued.tolist() == list(range(0, 336, 24))
    assert winter.vintages.values.shape == (14, 6, 96)
    assert winter.vintages.values[0, 3, 0] == 540.4


def test_demand_follows_the_clock_of_its_origin(winter: Instance) -> None:
    caption = winter.requests[1].reshape(6, 14, 24).mean(axis=1)
    peak = {o: int(row.argmax()) for o, row in zip(winter.origins, caption, strict=True)}
    # Readers peak in their afternoon and evening; an hour east of Greenwich that is an hour earlier.
    assert (peak["London"] - peak["Frankfurt"]) % 24 == 1
    assert (peak["Los Angeles"] - peak["London"]) % 24 == 8
    mean = winter.requests.sum(axis=1).mean(axis=1)
    np.testing.assert_allclose(mean, [330_000, 50_000, 150_000, 40_000, 75_000], rtol=1e-3)


def test_single_hours_of_crawlers_are_cut(shared_data: Path, tmp_path: Path) -> None:
    text = (RECIPES / "six-zone-fortnight-summer.toml").read_text(encoding="utf-8")
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace("wikipedia_peak = 1.7", "wikipedia_peak = 9.0"), encoding="utf-8")
    cut, raw = built("six-zone-fortnight-summer", shared_data), build_recipe(load_recipe(path), shared_data)
    london = cut.requests[0, cut.origins.index("London")], raw.requests[0, raw.origins.index("London")]
    cut_peak, raw_peak = ((row / row.mean()).max() for row in london)
    assert raw_peak > 2.5  # the views of 2023-07-16 09:00 on the clock of the page views
    assert cut_peak == pytest.approx(1.7, rel=0.01)
    assert np.median(london[0] / london[1]) == pytest.approx(1, rel=0.01)


@pytest.mark.slow
def test_the_whole_year_is_built(shared_data: Path) -> None:
    year = built("twelve-zone-2023", shared_data)
    assert year.periods == 8760
    assert (year.vintages.values >= 0).all()
    fortnight = slice_periods(year, 36 * 24, 336)
    assert f"{fortnight.start:%Y-%m-%d}" == "2023-02-06"
    instance_from_document(instance_to_document(fortnight))


def test_a_wrong_byte_is_refused_by_name(shared_data: Path, tmp_path: Path) -> None:
    recipe = load_recipe(RECIPES / "six-zone-fortnight.toml")
    for source in recipe.sources:
        shutil.copy(shared_data / source.name, tmp_path / source.name)
    altered = tmp_path / recipe.files["latency"].name
    altered.chmod(0o644)
    altered.write_bytes(altered.read_bytes().replace(b"34", b"35", 1))
    with pytest.raises(InvalidInput, match=rf"latency_gcp.*{recipe.files['latency'].sha256}"):
        build_recipe(recipe, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"gcp_regions\.csv"):
        build_recipe(load_recipe(RECIPES / "six-zone-fortnight.toml"), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hours = 336", "hours = 0", "/hours"),
        ("slack_hours = 3", "slack_hours = 3\ncolour = 1", "/workloads/1/colour"),
        ("servers = 40", 'servers = "many"', "/regions/0/servers"),
        ('schema = "planner.recipe/1"', 'schema = "planner.recipe/9"', "/schema"),
        ("[hardware]", "[hardware", "TOML"),
    ],
)
def test_malformed_recipes_say_where(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (RECIPES / "six-zone-fortnight.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        load_recipe(path)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('zone = "DE"', 'zone = "XX"', "XX:direct"),
        ('name = "us-south1"', 'name = "us-south9"', "us-south9"),
        ('metro = "us-south1"', 'metro = "mars-north1"', "mars-north1"),
        ("2023-02-06T00:00:00Z", "2023-04-06T00:00:00Z", "2023-04-06T00:00Z"),
        ("forecast_hours = 96", "forecast_hours = 97", "no lead 96"),
        ('shape = "wikipedia"', 'shape = "weather"', "'weather'; expected one of 'wikipedia', 'servegen:WORKLOAD'"),
        ("servegen:m-large", "servegen:m-huge", "no 'm-huge'; expected one of .*m-large"),
        ('format = "servegen"', 'format = "servegan"', "'servegan'; expected one of google-2019"),
        ("latency = {", "# latency = {", "/files/latency: found nothing"),
        ("forecast_hours = 96", "", "/forecast_hours: found nothing"),
        ("wikipedia_peak = 1.7", "", "/wikipedia_utc_offset: found nothing"),
    ],
)
def test_what_the_files_lack_is_told(shared_data: Path, tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (RECIPES / "six-zone-fortnight.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        build_recipe(load_recipe(path), shared_data)
