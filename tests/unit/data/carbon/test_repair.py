"""Repairs give back what was there, and count what they did; what they may not touch stays an error."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.data.carbon.handling import Handling
from planner.data.carbon.importers import check, import_series
from planner.data.carbon.repair import Imported
from planner.errors import InvalidInput
from tests.unit.data.carbon.carbon_files import START, em_file, em_row, hours, uk

EM = "electricity-maps"
COUNT = 30
LINE = [300 + 2.5 * i for i in range(COUNT)]  # straight: interpolation restores it
ROWS = [em_row(time, value) for time, value in zip(hours(COUNT), LINE, strict=True)]
EVERYTHING = Handling(missing="interpolate", duplicates="first")


def repairs(done: Imported) -> dict[str, int]:
    return {repair.what: repair.periods for repair in done.repairs}


@given(
    lost=st.sets(st.integers(1, COUNT - 2), max_size=6),
    twice=st.lists(st.integers(0, COUNT - 1), max_size=6),
    seed=st.integers(0, 99),
)
def test_rows_lost_doubled_and_shuffled_are_put_right(lost: set[int], twice: list[int], seed: int) -> None:
    kept = [i for i in range(COUNT) if i not in lost]
    again = [i for i in twice if i not in lost]
    order = np.random.default_rng(seed).permutation(kept + again)
    done = import_series(em_file(ROWS[i] for i in order), EM, EVERYTHING)
    (one,) = done.series
    assert one.values.tolist() == pytest.approx(LINE)
    assert (one.start, one.end) == (START, START + timedelta(hours=COUNT))
    counts = repairs(done)
    assert counts.get("missing: interpolated", 0) == len(lost)
    assert counts.get("duplicate: first kept", 0) == len(again)


@pytest.mark.parametrize(("how", "value"), [("first", 300), ("last", 500), ("mean", 400)])
def test_which_of_two_values_is_kept(how: str, value: float) -> None:
    text = em_file([*ROWS, em_row(START, 500)])
    (one,) = import_series(text, EM, Handling(duplicates=how)).series
    assert one.values[0] == value


def test_of_two_rows_the_one_with_a_value_counts() -> None:
    text = em_file([em_row(START, ""), *ROWS])
    done = import_series(text, EM, EVERYTHING)
    assert done.series[0].values[0] == 300
    assert repairs(done) == {"duplicate: first kept": 1}


def test_a_gap_is_filled_up_to_the_limit_and_no_further() -> None:
    text = em_file(ROWS[:10] + ROWS[17:])
    with pytest.raises(InvalidInput, match="at most 6 hours"):
        import_series(text, EM, Handling(missing="interpolate"))
    (one,) = import_series(text, EM, Handling(missing="interpolate", max_gap_hours=7)).series
    assert one.values.tolist() == pytest.approx(LINE)


def test_nothing_is_made_of_nothing() -> None:
    with pytest.raises(InvalidInput, match="on either side"):
        import_series(uk([None] * 4), "uk", Handling(missing="interpolate"))


def test_a_span_outside_the_file_is_said() -> None:
    with pytest.raises(InvalidInput, match="in the span that is wanted"):
        import_series(em_file(ROWS), EM, Handling(end=START))
    inverted = Handling(start=START + timedelta(hours=5), end=START)
    with pytest.raises(InvalidInput, match="in the span that is wanted"):
        import_series(em_file(ROWS), EM, inverted)


def test_what_is_wrong_outside_the_span_does_not_matter() -> None:
    text = em_file([em_row(START - timedelta(hours=2), "offline"), *ROWS])
    assert import_series(text, EM, Handling(start=START)).repairs == ()


def test_zones_without_a_gap_remain() -> None:
    other = [em_row(time, 100, "YY") for time in hours(COUNT)]
    done = import_series(em_file(ROWS[:5] + ROWS[6:] + other), EM, Handling(missing="drop-region"))
    assert [one.zone for one in done.series] == ["YY"]
    assert [(repair.zone, repair.what) for repair in done.repairs] == [("XX", "dropped: missing")]


def test_a_clock_change_is_no_gap_to_fill() -> None:
    """An hour lacks early on the last Sunday of March: a file in local time, unless its clock is said to be UTC."""
    sunday = [em_row(time, 400) for time in hours(24, START.replace(month=3, day=31)) if time.hour != 2]
    with pytest.raises(InvalidInput, match="--timezone"):
        import_series(em_file(sunday), EM, Handling(missing="interpolate"))
    (found,) = check(em_file(sunday), EM, Handling())
    assert found.code == "daylight-saving"
    done = import_series(em_file(sunday), EM, Handling(missing="interpolate", timezone=ZoneInfo("UTC")))
    assert repairs(done)["missing: interpolated"] == 1
