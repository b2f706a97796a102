"""Series: what they must be, their file, and their way into an instance."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.data.carbon.files import series_of, series_text
from planner.data.carbon.into import with_carbon
from planner.data.carbon.series import Series
from planner.domain.instance import CarbonKind, Instance, Region, Vintages
from planner.errors import InvalidInput, UsageError

START = datetime(2026, 1, 1, tzinfo=UTC)


def series(values: list[float], zone: str = "HERE", *, start: datetime = START, step: int = 60, **kind: str) -> Series:
    times = np.datetime64(start.replace(tzinfo=None), "s") + np.arange(len(values)) * np.timedelta64(step * 60, "s")
    return Series(zone, times, step, np.array(values), "somebody", "CC0-1.0", "gCO2/kWh", CarbonKind(**kind))


def test_a_series_knows_its_span_and_is_read_only() -> None:
    one = series([1, 2, 3], step=30)
    assert (one.start, one.end) == (START, START + timedelta(minutes=90))
    with pytest.raises(ValueError, match="read-only"):
        one.values[0] = 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"values": np.array([1.0, np.nan])}, "nan"),
        ({"values": np.array([1.0, -2.0])}, "-2"),
        ({"values": np.array([1.0])}, "2 times and 1 values"),
        ({"step_minutes": 30}, "every 30 minutes"),
    ],
)
def test_a_series_without_holes_is_the_only_kind(change: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        replace(series([1, 2]), **change)


@given(st.lists(st.floats(0, 2000), min_size=1, max_size=30), st.sampled_from([5, 30, 60]))
def test_a_file_gives_back_what_was_written(values: list[float], step: int) -> None:
    given = [series(values, 'A, "quoted"', step=step), series(values[::-1], "B", step=60, signal="marginal")]
    for one, other in zip(given, series_of(series_text(given)), strict=True):
        assert (one.zone, one.step_minutes, one.kind) == (other.zone, other.step_minutes, other.kind)
        assert (one.source, one.licence, one.unit) == (other.source, other.licence, other.unit)
        assert (one.times == other.times).all()
        assert (one.values == other.values).all()


TEXT = series_text([series([1, 2, 3]), series([4, 5, 6], "THERE")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing"),
        ("zone,time,g_per_kwh\n", "row 1"),
        (TEXT.replace("series/1", "series/9"), "row 1"),
        (TEXT.replace("g_per_kwh", "lbs"), "row 2"),
        (TEXT.replace(",2.0", ",two"), "row 4"),
        (TEXT.replace("HERE,2026-01-01T01", "HERE,yesterday"), "row 4"),
        (TEXT.replace("\nTHERE,", "\nELSEWHERE,"), "ELSEWHERE"),
        ("".join(line for line in TEXT.splitlines(keepends=True) if not line.startswith("THERE")), "2 zones told"),
        ("".join(line for line in TEXT.splitlines(keepends=True) if ",2.0" not in line), "every 60 minutes"),
        (TEXT.replace('"licence"', '"permission"'), "licence"),
        (TEXT.replace('"average"', '"typical"'), "kind"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        series_of(text)


@pytest.fixture
def two_regions(two_hours: Instance) -> Instance:
    """`two_hours` with a second region, which has no pool."""
    return two_hours.replace(
        regions=(*two_hours.regions, Region("there", "THERE")),
        carbon_intensity_g_per_kwh=np.array([[500.0, 100.0], [50.0, 60.0]]),
        rtt_ms=np.array([[5.0, 5.0]]),
    )


def test_a_region_takes_the_series_of_its_zone(two_regions: Instance) -> None:
    made = with_carbon(two_regions, [series([0, 1, 2], start=START - timedelta(hours=1))], {})
    assert made.carbon_intensity_g_per_kwh.tolist() == [[1, 2], [50, 60]]
    assert made.notes[-1] == (
        "Carbon intensity of here: average direct consumption, gCO2/kWh: somebody; licence CC0-1.0."
    )
    assert made.name == "two-hours+carbon"


def test_a_region_takes_the_series_it_is_given(two_regions: Instance) -> None:
    made = with_carbon(two_regions, [series([7, 8], "XX")], {"there": "XX"})
    assert made.carbon_intensity_g_per_kwh.tolist() == [[500, 100], [7, 8]]
    assert made.regions[1].grid_zone == "XX"


def test_steps_are_averaged_or_held(two_hours: Instance) -> None:
    finer = with_carbon(two_hours, [series([1, 3, 5, 7], step=30)], {})
    assert finer.carbon_intensity_g_per_kwh.tolist() == [[2, 6]]
    assert "30-minute values" in finer.notes[-1]
    coarser = with_carbon(two_hours, [series([9, 1], step=120)], {})
    assert coarser.carbon_intensity_g_per_kwh.tolist() == [[9, 9]]


def test_an_instance_moves_to_where_the_series_are(two_hours: Instance) -> None:
    year = datetime(2023, 5, 1, tzinfo=UTC)
    made = with_carbon(two_hours, [series([1, 2, 3, 4], start=year)], {}, start=year + timedelta(hours=2))
    assert (made.start, made.carbon_intensity_g_per_kwh.tolist()) == (year + timedelta(hours=2), [[3, 4]])


def test_forecasts_of_what_was_replaced_are_dropped(two_hours: Instance) -> None:
    forecast = two_hours.replace(vintages=Vintages(np.array([0]), np.array([[[500.0, 100.0]]])))
    made = with_carbon(forecast, [series([1, 2])], {})
    assert made.vintages is None
    assert "forecasts were dropped" in made.notes[-1]


@pytest.mark.parametrize("other", [{"signal": "marginal"}, {"scope": "lifecycle"}, {"basis": "production"}])
def test_kinds_never_mix_in_one_instance(two_regions: Instance, other: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="one kind"):
        with_carbon(two_regions, [series([1, 2]), series([1, 2], "THERE", **other)], {})
    with pytest.raises(InvalidInput, match="'there' keeps"):
        with_carbon(two_regions, [series([1, 2], **other)], {})
    every = with_carbon(two_regions, [series([1, 2], **other), series([1, 2], "THERE", **other)], {})
    assert every.carbon_kind == CarbonKind(**other)


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (series([1]), "nothing for 2026-01-01T01:00:00Z"),
        (series([1, 2], start=START + timedelta(hours=1)), "nothing for 2026-01-01T00:00:00Z"),
        (series([1, 2, 3], start=START - timedelta(minutes=30)), "begin where"),
        (series([1, 2, 3, 4], step=45), "part or multiple"),
    ],
)
def test_a_series_must_cover_and_fit_the_instance(two_hours: Instance, one: Series, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        with_carbon(two_hours, [one], {})


def test_names_that_do_not_exist_are_usage_errors(two_regions: Instance) -> None:
    for one, zones, said in (
        (series([1, 2], "XX"), {}, "no series of the regions' grid zones"),
        (series([1, 2]), {"nowhere": "HERE"}, "no region 'nowhere'"),
        (series([1, 2]), {"here": "XX"}, "no series of zone 'XX'"),
    ):
        with pytest.raises(UsageError, match=said):
            with_carbon(two_regions, [one], zones)
    with pytest.raises(UsageError, match="of another time"):
        with_carbon(two_regions, [series([1, 2])], {}, start=START)
    with pytest.raises(InvalidInput, match="two of one zone"):
        with_carbon(two_regions, [series([1, 2]), series([1, 2])], {})
