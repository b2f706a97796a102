"""Dirty carbon-intensity files: a named error with its row, or a repair that was asked for and is counted."""

import gzip
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.cli.data_options import handling
from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import check, import_series
from planner.errors import InvalidInput
from planner.io.reading import read_text
from tests.unit.data.carbon.carbon_files import (
    HOUR,
    NEW,
    OLD,
    carboncast,
    eia_balance,
    eia_long,
    em_file,
    em_row,
    em_rows,
    entsoe,
    hours,
    uk,
    watttime,
)

EM = "electricity-maps"
GOOD = em_rows()
SAMPLE = em_file(GOOD)
BERLIN_SPRING, BERLIN_AUTUMN = datetime(2024, 3, 30, 23, tzinfo=UTC), datetime(2024, 10, 26, 22, tzinfo=UTC)


def changed(rows: list[str], at: int, *new: str) -> list[str]:
    """The rows with some in the place of one (0-based; row `at` stands in line at + 2 of the file)."""
    return [*rows[:at], *new, *rows[at + 1 :]]


def berlin(start: datetime, count: int) -> list[str]:
    """Rows with Berlin's local times, without an offset, as a spreadsheet leaves them."""
    local = ZoneInfo("Europe/Berlin")
    return [em_row(time.astimezone(local).replace(tzinfo=None), 400 + i) for i, time in enumerate(hours(count, start))]


def at_three(value: object, zone: str = "XX") -> str:
    """A file with another value at 03:00, which stands in row 5."""
    return em_file(changed(GOOD, 3, em_row("2024-01-01 03:00:00", value, zone)))


def four_again(value: object) -> str:
    """A file with 04:00 twice, in rows 6 and 7."""
    return em_file(changed(GOOD, 4, GOOD[4], em_row("2024-01-01 04:00:00", value)))


def day_of(value: object, zone: str = "XX", days: int = 1) -> str:
    """A file of one value."""
    return em_file(em_row(t, value, zone) for t in hours(24 * days))


@dataclass(frozen=True)
class Dirty:
    """A file, how it is imported, and what must be said: parts of the error, or the repairs and their counts."""

    name: str
    content: str | bytes
    format: str = EM
    options: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    repairs: tuple[tuple[str, int], ...] = ()
    suffix: str = ".csv"


REFUSED = [
    # Periods that are not there.
    Dirty("one hour missing", em_file(changed(GOOD, 10)), says=("after row 11", "2024-01-01T10:00:00Z: no row")),
    Dirty("a day missing", em_file(em_rows(24) + em_rows(24, datetime(2024, 1, 3, tzinfo=UTC))),
          says=("after row 25", "24 periods")),
    Dirty("a gap too long to interpolate", em_file(GOOD[:10] + GOOD[17:]), options=("--missing", "interpolate"),
          says=("after row 11", "7 periods", "--max-gap")),
    Dirty("the year's last hours missing", SAMPLE, options=("--end", "2024-01-04"),
          says=("after row 49", "24 periods")),
    Dirty("first hours missing, nothing to interpolate from", SAMPLE,
          options=("--start", "2023-12-31T22:00", "--missing", "interpolate"),
          says=("before the first row", "on either side")),
    Dirty("missing in the only zone, which is dropped", em_file(changed(GOOD, 5)), options=("--missing", "drop-region"),
          says=("every zone", "XX")),
    # Values that are not there.
    Dirty("empty cell", at_three(""), says=("row 5", "no value")),
    Dirty("the word null", at_three("null"), says=("row 5", "no value")),
    Dirty("NaN", at_three("NaN"), says=("row 5", "no value")),
    Dirty("JSON null", uk([200] * 10 + [None] + [210] * 5), "uk", says=("/data/10", "no value"), suffix=".json"),
    Dirty("the latest half-hours null", uk([200] * 10 + [None] * 2), "uk", ("--missing", "interpolate"),
          says=("/data/10", "on either side"), suffix=".json"),
    Dirty("no value at all", day_of(""), says=("row 2", "no value")),
    # Times that come twice, in disorder, or off the grid.
    Dirty("one hour doubled", em_file(changed(GOOD, 4, GOOD[4], GOOD[4])), says=("row 7", "again", "row 6")),
    Dirty("one hour doubled with another value", four_again(99),
          says=("row 7", "99 beside 404")),
    Dirty("two exports pasted together", em_file(GOOD + GOOD), says=("row 50", "again")),
    Dirty("a time off the grid", em_file(changed(GOOD, 4, em_row("2024-01-01 04:07:00", 404))),
          says=("row 6", "04:07")),
    Dirty("steps of no whole minutes", em_file([em_row(t, 1) for t in hours(9, step=timedelta(seconds=90))]),
          says=("steps of 90 seconds",)),
    Dirty("a year mistyped", em_file(changed(GOOD, 4, em_row("9024-01-01 04:00:00", 404))),
          says=("row 2 to row 6", "a wrong year?")),
    Dirty("a single row", em_file(GOOD[:1]), says=("a single time",)),
    # Clocks that change.
    Dirty("day of 23 hours", em_file(berlin(BERLIN_SPRING, 24)), says=("after row 3", "02:00:00Z", "--timezone")),
    Dirty("day of 25 hours", em_file(berlin(BERLIN_AUTUMN, 26)), says=("row 5", "02:00:00Z again", "--timezone")),
    Dirty("local time of the wrong zone", em_file(berlin(BERLIN_SPRING, 24)),
          options=("--timezone", "America/New_York"),
          says=("after row 3", "no row")),
    Dirty("a local time that no clock shows",
          em_file([em_row(t, 400) for t in hours(24, datetime(2024, 3, 31, tzinfo=UTC))]),
          options=("--timezone", "Europe/Berlin"), says=("row 4", "2024-03-31 02:00:00", "no clock in Europe/Berlin")),
    Dirty("some times with an offset, some without", em_file(changed(GOOD, 2, em_row("2024-01-01T02:00:00Z", 402))),
          says=("row 2", "without an offset")),
    Dirty("a date instead of a time", em_file(changed(GOOD, 2, em_row("1 January", 402))), says=("row 4", "1 January")),
    Dirty("day before month", em_file([em_row(f"{t:%d/%m/%Y %H:%M}", 400) for t in hours(24)]),
          says=("01/01/2024 00:00",)),
    # Units.
    Dirty("pounds in the header", SAMPLE.replace("gCO\u2082eq/kWh (direct)", "lbs/MWh (direct)"),
          says=("header", "lbs/MWh", "--unit")),
    Dirty("pounds a megawatt-hour", em_file([em_row(t, 1700 + i) for i, t in enumerate(hours(24))]),
          says=("row 2", "1700", "lbs/MWh?")),
    Dirty("kilograms a kilowatt-hour", em_file([em_row(t, 0.4 + i / 1000) for i, t in enumerate(hours(24))]),
          says=("row 2", "kg/kWh?")),
    Dirty("some rows in kilograms", em_file(changed(GOOD, 30, em_row("2024-01-02 06:00:00", 0.406))),
          says=("row 32", "0.406", "kg/kWh?")),
    Dirty("a month in pounds, of a zone that is known",
          day_of(2.2046 * 420, "DE", 20), says=("row 2", "typical", "lbs/MWh?")),
    Dirty("the series of another zone", day_of(700, "FR", 20), says=("another zone?",)),
    Dirty("WattTime in another unit", watttime([900] * 12, units="tonnes"), "watttime", says=("/meta/units", "tonnes"),
          suffix=".json"),
    Dirty("WattTime's health damage", watttime([900] * 12, signal_type="health_damage"), "watttime",
          says=("/meta/signal_type",), suffix=".json"),
    Dirty("life cycle said to be direct", carboncast([[490, 0, 100, 0, 0, 0, 0, 0, 0]] * 24), "carboncast",
          ("--zone", "CISO", "--kind", "direct"), says=("fit lifecycle", "--kind lifecycle")),
    # Numbers.
    Dirty("decimal commas in quotes", day_of('"400,5"'), says=("row 2", "400,5", "--decimal")),
    Dirty("decimal commas without quotes", day_of("400,5"), says=("row 2", "12 cells", "comma")),
    Dirty("words for numbers", at_three("offline"), says=("row 5", "offline")),
    Dirty("infinity", at_three("inf"), says=("row 5", "inf")),
    Dirty("negative", at_three(-12), says=("row 5", "-12", "--negative")),
    Dirty("negative generation", eia_balance([[0, 900, 0, 0, 0, -3, 0, 0, 0]] * 12), "eia",
          says=("row 2, Net Generation (MW) from Solar", "-3")),
    Dirty("true for a number", watttime([900] * 6 + [True]), "watttime", says=("/data/6", "True"), suffix=".json"),
    # Zones.
    Dirty("another zone than asked", SAMPLE, options=("--zone", "DE"), says=("no 'DE'", "XX")),
    Dirty("a row without a zone", at_three(403, ""), says=("row 5", "no zone")),
    Dirty("a fuel nobody knows", eia_long([{"NG": 900, "XYZ": 3}] * 4), "eia", says=("row 3", "XYZ")),
    Dirty("a production type nobody knows", entsoe([[1, 2, 3, 4, 5]] * 4).replace("Solar", "Fusion"), "entsoe",
          ("--zone", "BE"), says=("header", "Fusion")),
    Dirty("no generation", entsoe([[0, 0, 0, 4, 0]] * 4), "entsoe", ("--zone", "BE"), says=("no generation",)),
    # Files that are not what they should be.
    Dirty("nothing", "", says=("nothing",)),
    Dirty("an empty 200 answer", b"", "watttime", says=("nothing",), suffix=".json"),
    Dirty("an empty list", "[]", "carbon-aware-sdk", ("--kind", "marginal"), says=("no records",), suffix=".json"),
    Dirty("no data in the answer", '{"data": [], "meta": {}}', "watttime", says=("/data", "no records"),
          suffix=".json"),
    Dirty("an error message for an answer", '{"message": "Invalid scope"}', "watttime",
          says=("Invalid scope",), suffix=".json"),
    Dirty("HTML for JSON", "<!DOCTYPE html><html><body>Log in</body></html>", "uk", says=("a page of HTML",),
          suffix=".json"),
    Dirty("HTML for CSV", "<html>502 Bad Gateway</html>", says=("a page of HTML",)),
    Dirty("JSON for CSV", watttime([900] * 3), says=("header",)),
    Dirty("CSV for JSON", SAMPLE, "uk", says=("no JSON",), suffix=".json"),
    Dirty("JSON cut off", uk([200] * 20)[:-100], "uk", says=("line 1", "no JSON"), suffix=".json"),
    Dirty("a record without its value",
          '{"data": [{"point_time": "2024-01-01T00:00Z"}], "meta": {"region": "X"}}', "watttime",
          says=("/data/0", "no 'value'"), suffix=".json"),
    Dirty("gzip cut off", gzip.compress(SAMPLE.encode())[:-20], says=("truncated gzip",), suffix=".csv.gz"),
    Dirty("named gzip, but is not", SAMPLE.encode(), says=("gzip",), suffix=".csv.gz"),
    Dirty("UTF-16", SAMPLE.encode("utf-16"), says=("byte 0", "not UTF-8")),
    Dirty("Latin-1", SAMPLE.replace("\u2082", "2").replace("Country", "Espa\u00f1a").encode("latin-1"),
          says=("not UTF-8",)),
    Dirty("only a header", NEW + "\n", says=("a header and no rows",)),
    Dirty("the last row cut off", SAMPLE[: SAMPLE.rindex(",50,")] + "\n", says=("row 49", "cut off")),
    Dirty("a header of something else", "a,b\n1,2\n", says=("header", "datetime (utc)")),
    Dirty("no intensity in the header", SAMPLE.replace("Carbon intensity", "Price"),
          says=("header", "of carbon intensity")),
]  # fmt: skip

REPAIRED = [
    Dirty("hours missing", em_file(GOOD[:10] + GOOD[13:]), options=("--missing", "interpolate"),
          repairs=(("missing: interpolated", 3),)),
    Dirty("nulls in JSON", uk([200, None, 220, None, 240]), "uk", ("--missing", "interpolate"),
          repairs=(("missing: interpolated", 2),), suffix=".json"),
    Dirty("a zone with a gap, dropped", em_file([*changed(GOOD, 5), *(em_row(t, 300, "YY") for t in hours(48))]),
          options=("--missing", "drop-region"), repairs=(("dropped: missing", 1),)),
    Dirty("doubled hours, first", four_again(99),
          options=("--duplicates", "first"), repairs=(("duplicate: first kept", 1),)),
    Dirty("doubled hours, mean", four_again(504),
          options=("--duplicates", "mean"), repairs=(("duplicate: averaged", 1),)),
    Dirty("newest first", em_file(GOOD[::-1]), repairs=(("put in order", 47),)),
    Dirty("day of 23 hours, in its zone", em_file(berlin(BERLIN_SPRING, 24)), options=("--timezone", "Europe/Berlin"),
          repairs=(("local times of Europe/Berlin set to UTC", 24),)),
    Dirty("day of 25 hours, in its zone", em_file(berlin(BERLIN_AUTUMN, 26)), options=("--timezone", "Europe/Berlin"),
          repairs=(("local times of Europe/Berlin set to UTC", 26),)),
    Dirty("pounds, as said", day_of(1700), options=("--unit", "lbs/MWh"),
          repairs=(("converted from lbs/MWh to g/kWh", 24),)),
    Dirty("WattTime's pounds", watttime([900] * 12), "watttime", repairs=(("converted from lbs/MWh to g/kWh", 12),),
          suffix=".json"),
    Dirty("decimal commas, as said", day_of('"400,5"'), options=("--decimal", "comma"),
          repairs=(("decimal commas read as points", 24),)),
    Dirty("semicolons and decimal commas", SAMPLE.replace(",", ";").replace("401", "401,5"),
          options=("--decimal", "comma"),
          repairs=(("decimal commas read as points", 2),)),
    Dirty("negative, clipped", at_three(-12), options=("--negative", "clip"),
          repairs=(("negative: set to 0", 1),)),
    Dirty("negative, taken as missing", at_three(-12),
          options=("--negative", "missing", "--missing", "interpolate"),
          repairs=(("missing: interpolated", 1), ("negative: taken as missing", 1))),
    Dirty("negative generation, clipped", eia_balance([[0, 900, 0, 0, 0, -3, 0, 0, 0]] * 12), "eia",
          ("--negative", "clip"), repairs=(("negative: set to 0", 12),)),
    # Oddities that need no repair.
    Dirty("byte-order mark", SAMPLE.encode("utf-8-sig")),
    Dirty("Windows line ends", SAMPLE.replace("\n", "\r\n")),
    Dirty("blank lines", SAMPLE.replace("\n", "\n\n")),
    Dirty("older header", em_file(GOOD, OLD)),
    Dirty("a header garbled as Windows-1252", SAMPLE.replace("\u2082", "\u00e2\u201a\u201a")),
    Dirty("a header without subscripts", SAMPLE.replace("\u2082", "2")),
    Dirty("tabs", SAMPLE.replace(",", "\t")),
    Dirty("gzip", gzip.compress(SAMPLE.encode()), suffix=".csv.gz"),
    Dirty("offsets that change with the clock", em_file(
        [em_row(t.astimezone(ZoneInfo("Europe/Berlin")).isoformat(), 400 + i)
          for i, t in enumerate(hours(24, BERLIN_SPRING))])),
    Dirty("a clean grid's small values", em_file(em_rows(base=0.25))),
]  # fmt: skip


def written(dirty: Dirty, folder: Path) -> str:
    """The text of the file, as a command reads it."""
    if isinstance(dirty.content, str):
        return dirty.content
    path = folder / f"dirty{dirty.suffix}"
    path.write_bytes(dirty.content)
    return read_text(path)


def asked(dirty: Dirty) -> Handling:
    """What the options ask for."""
    words = {name.removeprefix("--"): word for name, word in zip(dirty.options[::2], dirty.options[1::2], strict=True)}
    return handling(**{"decimal": "point", "unit": None, "timezone": None, "start": None, "end": None} | words)


def names(cases: list[Dirty]) -> dict[str, Any]:
    return {"argvalues": cases, "ids": [case.name for case in cases]}


def test_there_are_enough_and_every_name_is_one() -> None:
    every = [case.name for case in REFUSED + REPAIRED]
    assert len(REFUSED) >= 40
    assert len(set(every)) == len(every)


@pytest.mark.parametrize("dirty", **names(REFUSED))
def test_what_is_wrong_is_named(dirty: Dirty, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        import_series(written(dirty, tmp_path), dirty.format, asked(dirty))
    for part in dirty.says:
        assert part in str(raised.value)


@pytest.mark.parametrize("dirty", **names(REFUSED))
def test_a_check_finds_it_too(dirty: Dirty, tmp_path: Path) -> None:
    try:
        said = [str(found.error()) for found in check(written(dirty, tmp_path), dirty.format, asked(dirty))]
    except InvalidInput as error:
        said = [str(error)]
    assert any(part in text for text in said for part in dirty.says)


@pytest.mark.parametrize("dirty", **names(REPAIRED))
def test_what_is_repaired_is_asked_for_and_counted(dirty: Dirty, tmp_path: Path) -> None:
    done = import_series(written(dirty, tmp_path), dirty.format, asked(dirty))
    assert sorted((repair.what, repair.periods) for repair in done.repairs) == sorted(dirty.repairs)
    assert all(len(one.times) > 1 for one in done.series)


def test_hours_in_local_time_are_the_hours_they_were() -> None:
    autumn = em_file(berlin(BERLIN_AUTUMN, 26))
    (series,) = import_series(autumn, EM, Handling(timezone=ZoneInfo("Europe/Berlin"))).series
    assert series.start == BERLIN_AUTUMN
    assert series.end == BERLIN_AUTUMN + 26 * HOUR
    assert series.values.tolist() == [400.0 + i for i in range(26)]


SOUND = (
    (SAMPLE, EM, Handling()),
    (watttime([900.0] * 20), "watttime", Handling()),
    (uk([200] * 20), "uk", Handling(missing="interpolate")),
    (entsoe([[1, 2, 3, 4, 5]] * 20), "entsoe", Handling(zone="BE", duplicates="mean")),
    (eia_balance([[1, 2, 3, 4, 5, 6, 7, 8, 9]] * 20), "eia", Handling(negative="clip")),
    (carboncast([[164.27, 9, 6574, 2273, 88, 2403, 1222, 2497, 0]] * 20), "carboncast", Handling("CISO", "direct")),
)


@given(
    sound=st.sampled_from(SOUND),
    at=st.floats(0, 1),
    lost=st.sampled_from([0, 1, 2, 60]),
    put=st.sampled_from([*'0,;"{}[]:-.\n TZ\0', "null", "NaN", "1e999", "2024-13-45", "true", "\u20ac"]),
)
@settings(max_examples=100)
def test_any_change_gives_a_series_or_a_named_error(sound: tuple, at: float, lost: int, put: str) -> None:
    text, format_name, how = sound
    i = int(at * len(text))
    with suppress(InvalidInput):
        for one in import_series(text[:i] + put + text[i + lost :], format_name, how).series:
            assert (one.values >= 0).all()
