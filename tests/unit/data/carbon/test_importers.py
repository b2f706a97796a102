"""Every format, from a file as its publisher writes it to a series: values, times, zone and kind."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from planner.data.carbon.factors import EIA_DIRECT
from planner.data.carbon.handling import Handling, choose, factor, kinds
from planner.data.carbon.importers import FORMATS, import_series, read
from planner.data.carbon.quality import findings
from planner.data.carbon.repair import imported
from planner.data.carbon.series import Series, one_kind, said
from planner.domain.instance import CarbonKind
from planner.errors import InvalidInput, UsageError
from tests.unit.data.carbon.carbon_files import (
    EIA_FUELS,
    OLD,
    START,
    carboncast,
    eia_balance,
    eia_long,
    em_file,
    em_row,
    em_rows,
    entsoe,
    hours,
    sdk,
    uk,
    watttime,
)

DIRECT = CarbonKind("average", "direct", "consumption")


def series(text: str, format_name: str, **handling: object) -> tuple[Series, ...]:
    return import_series(text, format_name, Handling(**handling)).series


def only(text: str, format_name: str, **handling: object) -> Series:
    (one,) = series(text, format_name, **handling)
    return one


def test_electricity_maps_of_today() -> None:
    one = only(em_file(em_rows()), "electricity-maps")
    assert (one.zone, one.start, one.step_minutes, len(one.times)) == ("XX", START, 60, 48)
    assert one.values[:3].tolist() == [400, 401, 402]
    assert one.kind == DIRECT
    assert (one.licence, one.unit) == ("ODbL-1.0", "gCO2e/kWh")
    assert "Electricity Maps" in one.source


@pytest.mark.parametrize("header", [OLD, OLD.replace("LCA", "Life cycle")])
def test_electricity_maps_of_2021_to_2023_and_life_cycle(header: str) -> None:
    one = only(em_file(em_rows(), header), "electricity-maps", kind="lifecycle")
    assert set(one.values.tolist()) == {500}
    assert one.kind.scope == "lifecycle"


def test_electricity_maps_before_2021_is_life_cycle() -> None:
    rows = [f"{t.timestamp():.0f},{t:%Y-%m-%d %H:%M:%S+00:00},DE,{300 + t.hour}" for t in hours(24)]
    text = "\n".join(["timestamp,datetime,zone_name,carbon_intensity_avg", *rows])
    one = only(text, "electricity-maps")
    assert (one.zone, one.kind.scope, one.values[5]) == ("DE", "lifecycle", 305)
    with pytest.raises(UsageError, match="no 'direct'"):
        only(text, "electricity-maps", kind="direct")


def test_many_zones_and_one_of_them() -> None:
    text = em_file([em_row(t, v, z) for t in hours(24) for z, v in (("AA", 100), ("BB", 200))])
    assert [(one.zone, one.values[0]) for one in series(text, "electricity-maps")] == [("AA", 100), ("BB", 200)]
    assert only(text, "electricity-maps", zone="BB").zone == "BB"


def test_a_column_a_zone() -> None:
    rows = [f"{t:%Y-%m-%dT%H:%MZ},100,200,110,210" for t in hours(24)]
    text = "\n".join(["utc_hour_start,AA:direct,BB:direct,AA:lca,BB:lca", *rows])
    assert [(one.zone, one.values[0]) for one in series(text, "electricity-maps")] == [("AA", 100), ("BB", 200)]
    assert only(text, "electricity-maps", zone="BB", kind="lifecycle").values[0] == 210


def test_a_file_without_zones_needs_one() -> None:
    text = em_file([",".join(row.split(",")[:1] + row.split(",")[4:6]) for row in em_rows()], "Datetime (UTC),"
                   "Carbon Intensity gCO2eq/kWh (direct),Carbon Intensity gCO2eq/kWh (LCA)")  # fmt: skip
    with pytest.raises(UsageError, match="--zone"):
        series(text, "electricity-maps")
    assert only(text, "electricity-maps", zone="FI").zone == "FI"


def test_watttime_is_marginal_and_in_pounds() -> None:
    one = only(watttime([1000.0] * 12), "watttime")
    assert (one.zone, one.step_minutes, said(one.kind)) == ("CAISO_NORTH", 5, "marginal direct consumption")
    assert one.values[0] == pytest.approx(453.59237)
    assert only(watttime([1000.0] * 12, signal_type="co2_aoer"), "watttime", zone="US-CAL-CISO").kind == DIRECT


def test_uk_half_hours_are_what_was_measured() -> None:
    one = only(uk([211, 212, 213]), "uk")
    assert (one.zone, one.step_minutes, one.values.tolist()) == ("GB", 30, [211, 212, 213])
    assert (one.kind, one.licence, one.unit) == (DIRECT, "CC-BY-4.0", "gCO2/kWh")


def test_uk_regions_hold_forecasts() -> None:
    records = json.loads(uk([None, None]))["data"]
    one = only(json.dumps({"data": {"regionid": 13, "shortname": "London", "data": records}}), "uk")
    assert (one.zone, one.values.tolist()) == ("GB-13", [200, 200])
    assert "forecast" in one.source


def test_the_sdk_does_not_say_what_it_passes_on() -> None:
    text = sdk([300, 310])
    with pytest.raises(UsageError, match="does not say its kind"):
        series(text, "carbon-aware-sdk")
    assert said(only(text, "carbon-aware-sdk", kind="marginal").kind) == "marginal direct consumption"
    assert said(only(text, "carbon-aware-sdk", kind="average").kind) == "average lifecycle consumption"


def test_the_sdk_capitalised_and_under_a_key() -> None:
    records = [{key.capitalize(): value for key, value in record.items()} for record in json.loads(sdk([300, 310]))]
    one = only(json.dumps({"Date": "x", "Emissions": records}), "carbon-aware-sdk", kind="average direct")
    assert (one.zone, one.values.tolist()) == ("westeurope", [300, 310])


def test_carboncast_with_its_own_figures() -> None:
    # The first hour of CISO_direct_emissions.csv and of CISO_lifecycle_emissions.csv, 2019-01-01.
    mix = [9.0, 6574.0, 2273.0, 88.0, 2403.0, 1222.0, 2497.0, 0.0]
    direct = only(carboncast([[164.27, *mix]] * 3), "carboncast", zone="CISO", kind="direct")
    assert (direct.zone, direct.values[0], direct.kind.basis) == ("CISO", 164.27, "production")
    lifecycle = only(carboncast([[229.21, *mix]] * 3), "carboncast", zone="CISO", kind="lifecycle")
    assert lifecycle.kind.scope == "lifecycle"
    with pytest.raises(UsageError, match="--kind"):
        series(carboncast([[164.27, *mix]] * 3), "carboncast", zone="CISO")
    with pytest.raises(InvalidInput, match="fit direct factors"):
        series(carboncast([[164.27, *mix]] * 3), "carboncast", zone="CISO", kind="lifecycle")


def test_carboncast_of_its_interface() -> None:
    header = (
        "UTC time,creation_time (UTC),version,region_code,carbon_intensity_avg_lifecycle,carbon_intensity_avg_direct"
    )
    rows = [f"{t:%Y-%m-%dT%H:%M:%S}.000000000,x,3.0,AECI,644.1,568.8" for t in hours(3)]
    assert only("\n".join([header, *rows]), "carboncast").values[0] == 568.8
    assert only("\n".join([header, *rows]), "carboncast", kind="lifecycle").values[0] == 644.1


def test_entsoe_weighs_what_is_generated() -> None:
    one = only(entsoe([[100, 300, 50, 999, 50]] * 4), "entsoe", zone="BE")
    assert one.start == START - timedelta(hours=1)
    assert one.values[0] == pytest.approx(370 * 300 / 500)
    life = only(entsoe([[100, 300, 50, 999, 50]] * 4), "entsoe", zone="BE", kind="lifecycle")
    assert life.values[0] == pytest.approx((230 * 100 + 490 * 300 + 24 * 50 + 48 * 50) / 500)
    assert "IPCC" in life.source
    assert said(one.kind) == "average direct production"


def test_entsoe_net_and_types_that_a_zone_does_not_have() -> None:
    text = ",Fossil Gas,Nuclear\n" + "\n".join(f"{t.isoformat()},300," for t in hours(4))
    assert only(text, "entsoe", zone="BE").values[0] == 370


def test_entsoe_with_tuples_for_names() -> None:
    header = (
        ""","('Fossil Gas', 'Actual Aggregated')","('Solar', 'Actual Aggregated')","('Solar', 'Actual Consumption')\""""
    )
    text = header + "\n" + "\n".join(f"{t.isoformat()},300,300,9" for t in hours(4))
    assert only(text, "entsoe", zone="BE").values[0] == 185


def test_eia_six_month_files_are_hour_ending_with_thousands() -> None:
    row = dict.fromkeys(EIA_FUELS, 0) | {"Coal": '"1,000"', "Natural Gas": "1000", "Wind": "2000"}
    one = only(eia_balance([list(row.values())] * 24), "eia")
    assert (one.zone, one.start, len(one.times)) == ("CISO", START, 24)
    assert one.values[0] == pytest.approx((EIA_DIRECT.of("coal") + EIA_DIRECT.of("gas")) / 4)
    assert EIA_DIRECT.of("coal") == pytest.approx(1047.8, abs=0.1)


def test_eia_counts_a_whole_or_its_parts_once() -> None:
    parts = ",Net Generation (MW) from Solar with Integrated Battery Storage,Net Generation (MW) from Pumped Storage"
    row = list((dict.fromkeys(EIA_FUELS, 0) | {"Coal": 500, "Solar": 500}).values())
    header, *rows = eia_balance([row] * 3).splitlines()
    text = "\n".join([header + parts, *(f"{line},300,-50" for line in rows)])
    assert only(text, "eia").values[0] == pytest.approx(EIA_DIRECT.of("coal") / 2)
    with pytest.raises(InvalidInput, match="hamsters"):
        series(text.replace("Coal", "Hamsters"), "eia")


def test_eia_rows_of_the_interface() -> None:
    one = only(eia_long([{"NG": 500, "WAT": 500, "PS": -100}] * 3), "eia", kind="lifecycle")
    assert (one.start, one.values[0]) == (START, pytest.approx((490 + 24) / 2))
    with pytest.raises(InvalidInput, match="no value"):
        series(eia_long([{"NG": 500, "WAT": 500}, {"NG": 500}, {"NG": 500, "WAT": 1}]), "eia")


def test_an_hour_with_hardly_any_generation_is_a_hole() -> None:
    usual, little, scant = {"NG": 900, "WAT": 100}, {"NG": 1, "WAT": 100}, {"NG": 0, "WAT": 100}
    assert only(eia_long([usual, little, usual]), "eia").values[1] == pytest.approx(EIA_DIRECT.of("gas") / 101)
    text = eia_long([usual, scant, usual])
    with pytest.raises(InvalidInput, match=r"row 4: .*T01:00:00Z: generation of 100, where 1000 is usual \(1 period\)"):
        series(text, "eia")
    assert only(text, "eia", missing="interpolate").values[1] == pytest.approx(0.9 * EIA_DIRECT.of("gas"))


def test_generation_has_no_unit_to_say() -> None:
    with pytest.raises(UsageError, match="cancels out"):
        series(entsoe([[1, 2, 3, 4, 5]] * 3), "entsoe", zone="BE", unit="lbs/MWh")


def test_series_of_different_kinds_do_not_mix() -> None:
    mixed = [only(uk([200, 210]), "uk"), only(watttime([900] * 3), "watttime")]
    with pytest.raises(InvalidInput, match=r"marginal direct consumption for CAISO_NORTH .* for GB"):
        one_kind(mixed)
    assert one_kind(mixed[:1]) == DIRECT


def test_words_of_a_kind() -> None:
    offered = kinds(["average"], ["direct", "lifecycle"], ["production"])
    assert choose(offered, "").scope == "direct"
    assert choose(offered, "life-cycle production").scope == "lifecycle"
    with pytest.raises(UsageError, match="unknown green"):
        choose(offered, "green")


@pytest.mark.parametrize(
    ("unit", "grams"), [("g/kWh", 1), ("gCO2eq/kWh", 1), ("lbs/MWh", 0.45359237), ("kg CO2/kWh", 1e3)]
)
def test_units(unit: str, grams: float) -> None:
    assert factor(unit) == pytest.approx(grams)


def test_unknown_words_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="unknown unit"):
        factor("tons/barrel")
    with pytest.raises(UsageError, match="electricity-maps"):
        read("", "excel", Handling())
    assert len(FORMATS) >= 7


def text_of(folder: Path, name: str) -> str:
    return gzip.decompress((folder / name).read_bytes()).decode("utf-8")


def test_the_real_export_is_whole(shared_data: Path) -> None:
    found = import_series(text_of(shared_data, "core_2023_ci.csv.gz"), "electricity-maps", Handling())
    assert found.repairs == ()
    assert {len(one.times) for one in found.series} == {8760}
    assert len(found.series) == 12


def test_the_real_windows_have_a_gap_between_them(shared_data: Path) -> None:
    text = text_of(shared_data, "mini_2023_ci.csv.gz")
    with pytest.raises(InvalidInput, match="3264 periods"):
        series(text, "electricity-maps")
    window = {"start": datetime(2023, 2, 6, tzinfo=UTC), "end": datetime(2023, 2, 20, tzinfo=UTC)}
    assert {len(one.times) for one in series(text, "electricity-maps", **window)} == {336}


def test_the_real_mix_gives_the_published_intensity(shared_data: Path) -> None:
    """The file's own life-cycle factors differ from the IPCC's for the sun (41) and for other fuels (230) only."""
    text = text_of(shared_data, "eia_us_ba_2022_mix_and_ci.csv.gz")
    one = only(text, "eia", zone="ERCO", kind="lifecycle")
    rows = np.array([line.split(",")[2:] for line in text.splitlines() if line.startswith("ERCO,")], dtype=np.float64)
    sun, other, published, total = rows[:, 1], rows[:, 7], rows[:, 8], rows[:, :8].sum(axis=1)
    expected = published + ((48 - 41) * sun + (700 - 230) * other) / total
    assert np.abs(one.values - expected).max() < 0.06  # the file has one decimal


def test_real_holes_are_named(shared_data: Path) -> None:
    text = text_of(shared_data, "eia_us_ba_2022_mix_and_ci.csv.gz")
    zones = read(text, "eia", Handling(zone="CISO"))
    (hole, *others) = findings(zones[0], Handling())
    assert (hole.where, hole.found) == ("row 17628", "2022-01-05T10:00:00Z: no value (1 period)")
    assert len(others) == 2
    done = imported(zones, Handling(missing="interpolate"))
    assert [(repair.what, repair.periods) for repair in done.repairs] == [("missing: interpolated", 3)]
